const REASONS = new Map([
  ["ENOENT", "the file does not exist"],
  ["EACCES", "no permission"],
  ["EISDIR", "it is a directory"],
  ["ENOSPC", "no space left on the device"],
]);

/** The reason why a file could not be used, in words in place of the system's code. */
export function systemErrorReason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return REASONS.get(code ?? "") ?? message;
}
