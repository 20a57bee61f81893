/** The bytes that a request or a reply must advance between two sweeps to count as progress. */
export const MIN_PROGRESS_BYTES = 1_024;

/** A call in a {@link CallRegistry}. */
export interface RegisteredCall {
  /** The neighbours in the registry's list; only the registry writes them. */
  previousCall: RegisteredCall | undefined;
  nextCall: RegisteredCall | undefined;
  isRegistered: boolean;
  /** Ends the call if one of its timeouts has passed. */
  check(nowMs: number): void;
  /** Ends the call to make room for a newer one. */
  evict(): void;
}

/**
 * The open calls of a server, oldest first. One sweep checks the timeouts of all calls; a timer
 * per call would cost more than most calls.
 */
export class CallRegistry {
  /** The number of open calls. */
  size = 0;
  /** The time of the last sweep, in milliseconds. It is coarse, and free to read. */
  nowMs: number;
  #oldest: RegisteredCall | undefined;
  #newest: RegisteredCall | undefined;

  readonly #maxConcurrentCalls: number;
  readonly #clock: () => number;

  constructor(maxConcurrentCalls: number, clock: () => number) {
    this.#maxConcurrentCalls = maxConcurrentCalls;
    this.#clock = clock;
    this.nowMs = clock();
  }

  /** Adds a call. When there are too many, the oldest one is evicted. */
  add(call: RegisteredCall): void {
    call.isRegistered = true;
    call.previousCall = this.#newest;
    if (this.#newest === undefined) this.#oldest = call;
    else this.#newest.nextCall = call;
    this.#newest = call;
    this.size++;
    if (this.size > this.#maxConcurrentCalls) this.#evictOldest();
  }

  /** Removes a call that has ended. Does nothing for a call that is removed already. */
  remove(call: RegisteredCall): void {
    if (!call.isRegistered) return;
    call.isRegistered = false;
    if (call.previousCall === undefined) this.#oldest = call.nextCall;
    else call.previousCall.nextCall = call.nextCall;
    if (call.nextCall === undefined) this.#newest = call.previousCall;
    else call.nextCall.previousCall = call.previousCall;
    call.previousCall = undefined;
    call.nextCall = undefined;
    this.size--;
  }

  /** Reads the clock, and checks the timeouts of every call. */
  sweep(): void {
    this.nowMs = this.#clock();
    let call = this.#oldest;
    while (call !== undefined) {
      const { nextCall } = call;
      call.check(this.nowMs);
      call = nextCall;
    }
  }

  #evictOldest(): void {
    const call = this.#oldest;
    if (call === undefined) return;
    // At once: its stream takes a moment to close, and more calls may arrive meanwhile.
    this.remove(call);
    call.evict();
  }
}
