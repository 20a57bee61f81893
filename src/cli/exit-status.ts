/**
 * Ends a command with an exit code of its own. The message is printed as every
 * error is, in one line; an empty one prints nothing.
 */
export class ExitStatus extends Error {
  override readonly name = "ExitStatus";

  constructor(
    readonly exitCode: number,
    message = "",
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
