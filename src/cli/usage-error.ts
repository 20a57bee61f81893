/**
 * The command was typed wrongly: exit code 2, and a pointer to the help. What goes
 * wrong after that is an ordinary error, with exit code 1.
 */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
