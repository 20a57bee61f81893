const CLEAR_LINE = "\r\x1b[K";

/** How often a line is written where lines stay. */
const LOG_INTERVAL_MS = 1_000;

/**
 * What is going on, on standard error: one line that changes, or where that is
 * not a terminal a line now and then.
 */
export class Progress {
  readonly #startMs = Date.now();
  readonly #terminal = process.stderr.isTTY;
  #saidMs = 0;

  say(step: string): void {
    const nowMs = Date.now();
    const line = `[${Math.round((nowMs - this.#startMs) / 1000)} s] ${step}`;
    if (this.#terminal) {
      process.stderr.write(`${CLEAR_LINE}${line}`);
    } else if (nowMs - this.#saidMs >= LOG_INTERVAL_MS) {
      process.stderr.write(`${line}\n`);
      this.#saidMs = nowMs;
    }
  }

  /** Leaves a clean line behind. */
  end(): void {
    if (this.#terminal) process.stderr.write(CLEAR_LINE);
  }
}
