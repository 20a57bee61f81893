import { RpcError, StatusCode } from "../../rpc/rpc-error.js";
import { noRoomForRequest, type ByteBudget } from "./byte-budget.js";
import { noteReleasedBuffers } from "./heap-garbage.js";
import { recycleBuffer, takeSpareBuffer } from "./spare-buffers.js";

/** The size of the first allocation, in bytes. */
const FIRST_BYTES = 4_096;

/** The factor by which the buffer grows: after one frame of the usual size it has 64 KiB. */
const GROWTH = 4;

/**
 * Collects bytes that arrive in pieces. It copies them, since many small pieces would cost far
 * more than their bytes. It takes room from the budget as it grows, and does not trust a
 * declared length.
 */
export class GrowingBuffer {
  #bytes: Buffer | undefined;
  #room = 0;
  #length = 0;

  readonly #maxBytes: number;
  readonly #budget: ByteBudget;

  constructor(maxBytes: number, budget: ByteBudget) {
    this.#maxBytes = maxBytes;
    this.#budget = budget;
  }

  /** The bytes so far. They are valid until {@link release}. */
  get content(): Buffer {
    return this.#bytes?.subarray(0, this.#length) ?? NO_BYTES;
  }

  /**
   * Appends a piece. All pieces together must not exceed `maxBytes`.
   * @throws RpcError when the budget has no room
   */
  append(piece: Buffer): void {
    this.#ensureRoom(this.#length + piece.length);
    if (this.#bytes !== undefined) piece.copy(this.#bytes, this.#length);
    this.#length += piece.length;
    noteReleasedBuffers(piece.length);
  }

  /** Drops the bytes, which may still be in use, and returns their room to the budget. */
  release(): void {
    const room = this.#room;
    this.#room = 0;
    this.#length = 0;
    this.#bytes = undefined;
    this.#budget.release(room);
    noteReleasedBuffers(room);
  }

  /** The same for bytes that are not in use any more. */
  discard(): void {
    const bytes = this.#bytes;
    this.release();
    if (bytes !== undefined) recycleBuffer(bytes);
  }

  /** Makes more room than is needed, so that the cost of copying stays linear. */
  #ensureRoom(neededBytes: number): void {
    if (neededBytes <= this.#room) return;
    const room = Math.min(Math.max(GROWTH * neededBytes, FIRST_BYTES), this.#maxBytes);
    if (!this.#budget.tryTake(room - this.#room)) {
      throw new RpcError(StatusCode.resourceExhausted, noRoomForRequest(this.#budget));
    }
    // Not from Node's pool: a request would pin a whole slab of it.
    const grown = takeSpareBuffer(neededBytes, room) ?? Buffer.allocUnsafeSlow(room);
    if (this.#bytes !== undefined) {
      this.#bytes.copy(grown, 0, 0, this.#length);
      recycleBuffer(this.#bytes);
    }
    this.#budget.release(room - grown.length);
    this.#bytes = grown;
    this.#room = grown.length;
  }
}

const NO_BYTES: Buffer = Buffer.alloc(0);
