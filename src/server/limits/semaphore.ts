/** A counting semaphore. Waiters get their permits in the order of their calls. */
export class Semaphore {
  #permits: number;
  readonly #waiters: (() => void)[] = [];

  /** @param permits - how many callers may hold a permit at a time */
  constructor(permits: number) {
    this.#permits = permits;
  }

  /** Settles when the caller holds a permit. {@link release} must follow, once. */
  async acquire(): Promise<void> {
    if (this.#permits > 0) {
      this.#permits--;
      return;
    }
    await new Promise<void>((resolve) => this.#waiters.push(resolve));
  }

  /** Returns a permit, which goes to the first waiter. */
  release(): void {
    const next = this.#waiters.shift();
    if (next === undefined) this.#permits++;
    else next();
  }
}
