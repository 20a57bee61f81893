/**
 * One account, for a whole server, of the bytes that calls hold: requests being
 * read and replies that their clients have not taken yet. Without it, memory
 * grows with whatever clients leave lying.
 */
export class ByteBudget {
  /** Bytes held now. */
  heldBytes = 0;

  readonly #reserveBytes: number;

  /**
   * @param maxBytes - what may be held in all
   * @param reserveBytes - what small answers may hold beyond that, so that a
   *   client with large ones cannot silence the others
   */
  constructor(
    readonly maxBytes: number,
    reserveBytes: number,
  ) {
    this.#reserveBytes = reserveBytes;
  }

  /** True when there is no room even for a small answer. */
  get isFull(): boolean {
    return this.heldBytes >= this.maxBytes + this.#reserveBytes;
  }

  /** Takes `bytes` and says true, or takes nothing when they do not fit. */
  tryTake(bytes: number): boolean {
    const reserve = bytes <= SMALL_BYTES ? this.#reserveBytes : 0;
    if (this.heldBytes + bytes > this.maxBytes + reserve) return false;
    this.heldBytes += bytes;
    return true;
  }

  /** Takes `bytes` that are held already, whether they fit or not. */
  add(bytes: number): void {
    this.heldBytes += bytes;
  }

  /** Gives back what {@link tryTake} or {@link add} took. */
  release(bytes: number): void {
    this.heldBytes -= bytes;
  }
}

/** Up to here an answer counts as small: an HTTP/2 frame of default size. */
const SMALL_BYTES = 16_384;

/** What a client reads whose reply did not fit. */
export function noRoomForReply(bytes: number, { heldBytes, maxBytes }: ByteBudget): string {
  return `no room for a reply of ${bytes} bytes: ${heldBytes} of ${maxBytes} bytes are in flight; try again`;
}

/** What a client reads whose request did not fit. */
export function noRoomForRequest({ heldBytes, maxBytes }: ByteBudget): string {
  return `no room for this request: ${heldBytes} of ${maxBytes} bytes are in flight; try again`;
}
