/**
 * Counts, for a whole server, the bytes that calls hold: requests that are being read and
 * replies that are not yet read by their clients. It bounds what clients can make the server
 * hold.
 */
export class ByteBudget {
  /** The bytes that are held now. */
  heldBytes = 0;

  readonly #reserveBytes: number;

  /**
   * @param maxBytes - the bytes that calls may hold
   * @param reserveBytes - the bytes that small replies may hold beyond that, so that clients
   *   with large replies cannot block small replies to others
   */
  constructor(
    readonly maxBytes: number,
    reserveBytes: number,
  ) {
    this.#reserveBytes = reserveBytes;
  }

  /** True when there is no room even for a small reply. */
  get isFull(): boolean {
    return this.heldBytes >= this.maxBytes + this.#reserveBytes;
  }

  /** Takes bytes. Returns false, and takes nothing, when they do not fit. */
  tryTake(bytes: number): boolean {
    const reserve = bytes <= SMALL_BYTES ? this.#reserveBytes : 0;
    if (this.heldBytes + bytes > this.maxBytes + reserve) return false;
    this.heldBytes += bytes;
    return true;
  }

  /** Takes bytes that are held already, whether they fit or not. */
  add(bytes: number): void {
    this.heldBytes += bytes;
  }

  /** Returns what {@link tryTake} or {@link add} took. */
  release(bytes: number): void {
    this.heldBytes -= bytes;
  }
}

/** The largest small reply: an HTTP/2 frame of default size. */
const SMALL_BYTES = 16_384;

/** Returns the error message for a reply that does not fit. */
export function noRoomForReply(bytes: number, { heldBytes, maxBytes }: ByteBudget): string {
  return `no room for a reply of ${bytes} bytes: ${heldBytes} of ${maxBytes} bytes are in flight; try again`;
}

/** Returns the error message for a request that does not fit. */
export function noRoomForRequest({ heldBytes, maxBytes }: ByteBudget): string {
  return `no room for this request: ${heldBytes} of ${maxBytes} bytes are in flight; try again`;
}
