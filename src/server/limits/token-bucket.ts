/**
 * A token bucket: it allows a burst, and after that a steady rate. It refills when a token is
 * taken, so it has no timer.
 */
export class TokenBucket {
  readonly #capacity: number;
  readonly #tokensPerSecond: number;
  #tokens: number;
  #refilledMs: number;

  /**
   * Creates a full bucket.
   *
   * @param capacity - the most tokens that the bucket holds, and so the largest burst
   * @param nowMs - the time, on the clock that {@link tryTake} is given
   */
  constructor(capacity: number, tokensPerSecond: number, nowMs: number) {
    this.#capacity = capacity;
    this.#tokensPerSecond = tokensPerSecond;
    this.#tokens = capacity;
    this.#refilledMs = nowMs;
  }

  /** Takes a token. Returns false when the bucket is empty. */
  tryTake(nowMs: number): boolean {
    this.add(((nowMs - this.#refilledMs) / 1000) * this.#tokensPerSecond);
    this.#refilledMs = nowMs;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }

  /** Adds tokens, up to the capacity. */
  add(tokens: number): void {
    this.#tokens = Math.min(this.#capacity, this.#tokens + tokens);
  }
}
