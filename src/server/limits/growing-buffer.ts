import { RpcError, StatusCode } from "../../rpc/rpc-error.js";
import { noRoomForRequest, type ByteBudget } from "./byte-budget.js";
import { noteReleasedBuffers } from "./heap-garbage.js";

/** The first allocation, in bytes. */
const FIRST_BYTES = 4_096;

/** Room for each byte that has come: four frames of the usual size make 64 KiB at once. */
const GROWTH = 4;

/**
 * Bytes that arrive in pieces, copied together: many tiny pieces would cost far
 * more than the bytes in them. Takes its room from the budget as it grows, never
 * on somebody's word for how much will come.
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

  /** What has arrived; valid until {@link release}. */
  get content(): Buffer {
    return this.#bytes?.subarray(0, this.#length) ?? NO_BYTES;
  }

  /**
   * Adds a piece; together they must not exceed `maxBytes`.
   * @throws RpcError when the budget has no room
   */
  append(piece: Buffer): void {
    this.#ensureRoom(this.#length + piece.length);
    if (this.#bytes !== undefined) piece.copy(this.#bytes, this.#length);
    this.#length += piece.length;
    noteReleasedBuffers(piece.length);
  }

  /** Gives the room back. */
  release(): void {
    const room = this.#room;
    this.#room = 0;
    this.#length = 0;
    this.#bytes = undefined;
    this.#budget.release(room);
    noteReleasedBuffers(room);
  }

  /** Makes room for what is needed and some more, so that copying stays linear. */
  #ensureRoom(neededBytes: number): void {
    if (neededBytes <= this.#room) return;
    const room = Math.min(Math.max(GROWTH * neededBytes, FIRST_BYTES), this.#maxBytes);
    if (!this.#budget.tryTake(room - this.#room)) {
      throw new RpcError(StatusCode.resourceExhausted, noRoomForRequest(this.#budget));
    }
    // Not from the pool: a request would pin a whole slab of it.
    const grown = Buffer.allocUnsafeSlow(room);
    this.#bytes?.copy(grown, 0, 0, this.#length);
    noteReleasedBuffers(this.#room);
    this.#bytes = grown;
    this.#room = room;
  }
}

const NO_BYTES: Buffer = Buffer.alloc(0);
