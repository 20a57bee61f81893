import { ConnectionLostError } from "./server-error.js";

/** The most commands that wait in one place, and their most bytes. */
const MAX_COMMANDS = 50_000;
const MAX_BYTES = 128 * 2 ** 20;

/** Counts commands that wait, and refuses more than the memory should hold. */
export class WaitingCommands {
  #commands = 0;
  #bytes = 0;

  /**
   * Counts commands until {@link WaitingCommands.remove}.
   *
   * @param bytes - about how many bytes they have together
   * @param what - what they wait for, for the message
   * @throws ConnectionLostError when too many wait; none of these is counted then
   */
  add(commands: number, bytes: number, what: string): void {
    if (this.#commands >= MAX_COMMANDS || this.#bytes > MAX_BYTES) {
      const waiting = `${this.#commands} commands already wait for ${what}`;
      throw new ConnectionLostError(`the shared cache is overloaded: ${waiting}`, false);
    }
    this.#commands += commands;
    this.#bytes += bytes;
  }

  remove(commands: number, bytes: number): void {
    this.#commands -= commands;
    this.#bytes -= bytes;
  }
}
