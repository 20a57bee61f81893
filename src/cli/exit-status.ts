/**
 * Ends a command with a specific exit code. The message is printed in one line, like that of any
 * error; an empty message prints nothing.
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
