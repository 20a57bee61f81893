/** A request or a reply that moves by less than this between two sweeps counts as not moving. */
export const MIN_PROGRESS_BYTES = 1_024;

/** A call that a {@link CallRegistry} looks after from begin to end. */
export interface RegisteredCall {
  /** Neighbours in the watch's list; its own business. */
  previousCall: RegisteredCall | undefined;
  nextCall: RegisteredCall | undefined;
  isRegistered: boolean;
  /** Looks at the clock: ends the call if it has been waiting for too long. */
  check(nowMs: number): void;
  /** Ends the call to make room for newer ones. */
  evict(): void;
}

/**
 * The calls of a server that have begun and not ended, oldest first. One list and
 * one clock for all of them, instead of a timer each: almost every call is over
 * before a timer would have been armed.
 */
export class CallRegistry {
  /** How many calls are under way. */
  size = 0;
  /** The time in milliseconds as of the last sweep: coarse, and free to read. */
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

  /** Adds a call that has just begun. When there are too many, the oldest ends. */
  add(call: RegisteredCall): void {
    call.isRegistered = true;
    call.previousCall = this.#newest;
    if (this.#newest === undefined) this.#oldest = call;
    else this.#newest.nextCall = call;
    this.#newest = call;
    this.size++;
    if (this.size > this.#maxConcurrentCalls) this.#evictOldest();
  }

  /** Forgets a call that has ended; nothing if it has been forgotten already. */
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

  /** Lets every call look at the clock. */
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
    // At once: its stream takes a moment to close, and more calls may come meanwhile.
    this.remove(call);
    call.evict();
  }
}
