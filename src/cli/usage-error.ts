/**
 * A wrong command line. It ends the command with exit code 2 and a reference to the help. Any
 * other error has exit code 1.
 */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
