const REASONS = new Map([
  ["ENOENT", "there is no such file"],
  ["EACCES", "no permission"],
  ["EISDIR", "it is a directory"],
  ["ENOSPC", "no space left on the device"],
]);

/** Why a file could not be used, in words rather than in the system's code. */
export function systemErrorReason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return REASONS.get(code ?? "") ?? message;
}
