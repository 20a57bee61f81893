const CLEAR_LINE = "\r\x1b[K";

/** The interval of lines on an output that is not a terminal. */
const LOG_INTERVAL_MS = 1_000;

/**
 * Shows the progress on standard error: one line that changes, or, if it is
 * not a terminal, a line at intervals.
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

  /** Clears the progress line. */
  end(): void {
    if (this.#terminal) process.stderr.write(CLEAR_LINE);
  }
}
