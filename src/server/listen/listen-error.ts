/**
 * A server cannot listen. The message is one line for the person who started it: it names the
 * address and what to do.
 */
export class ListenError extends Error {
  override readonly name = "ListenError";
}

/** Returns the `code` of a system error, such as `EADDRINUSE`; undefined for other values. */
export function systemErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
