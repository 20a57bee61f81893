/** A call that waits until its client has read earlier replies. */
export interface WaitingCall {
  /** Runs the call, unless it has ended meanwhile. */
  run(): void;
}

/** The replies on one connection that its client has not read yet. */
export class UnreadReplies {
  /** How often a reply is held in memory: with TLS both plain and encrypted. */
  readonly copies: number;
  readonly #maxBytes: number;
  readonly #waiting: WaitingCall[] = [];
  #bytes = 0;

  /** @param maxBytes - the bytes from which on further calls wait */
  constructor(maxBytes: number, isEncrypted: boolean) {
    this.#maxBytes = maxBytes;
    this.copies = isEncrypted ? 2 : 1;
  }

  /** True while further calls must wait. */
  get isFull(): boolean {
    return this.#bytes >= this.#maxBytes;
  }

  /** Adds a call that waits for {@link isFull} to become false. */
  wait(call: WaitingCall): void {
    this.#waiting.push(call);
  }

  /** Counts bytes, copies included. */
  add(bytes: number): void {
    this.#bytes += bytes;
  }

  /** Subtracts what {@link add} counted. */
  remove(bytes: number): void {
    this.#bytes -= bytes;
  }

  /** Runs waiting calls, in their order, for as long as there is room. */
  runWaiting(): void {
    while (this.#waiting.length > 0 && !this.isFull) this.#waiting.shift()?.run();
  }
}
