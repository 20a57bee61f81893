import { RpcError, StatusCode } from "../../rpc/rpc-error.js";
import type { ByteBudget } from "./byte-budget.js";
import { GrowingBuffer } from "./growing-buffer.js";

/** The bytes before every gRPC message: one of flags, four of length. */
export const PREFIX_BYTES = 5;

/** The flags of a compressed message. */
const COMPRESSED = 1;

/**
 * Assembles the message of a unary request from pieces. It checks that there is exactly one
 * message, and that it is not too large.
 */
export class MessageAssembler {
  /** True when the message is compressed. */
  isCompressed = false;
  readonly #prefix = Buffer.alloc(PREFIX_BYTES);
  #prefixBytes = 0;
  #message: GrowingBuffer | undefined;
  #declaredBytes = 0;
  #messageBytes = 0;
  #messages = 0;

  readonly #maxBytes: number;
  readonly #budget: ByteBudget;
  readonly #mayCompress: boolean;

  /**
   * @param maxBytes - the largest message
   * @param mayCompress - whether the call names a compression
   */
  constructor(maxBytes: number, budget: ByteBudget, mayCompress = false) {
    this.#maxBytes = maxBytes;
    this.#budget = budget;
    this.#mayCompress = mayCompress;
  }

  /** @throws RpcError as soon as the request is known to be invalid */
  push(chunk: Buffer): void {
    let offset = 0;
    while (offset < chunk.length) {
      offset +=
        this.#prefixBytes < PREFIX_BYTES
          ? this.#takePrefix(chunk, offset)
          : this.#takeMessage(chunk, offset);
      if (this.#prefixBytes === PREFIX_BYTES && this.#messageBytes === this.#declaredBytes) {
        this.#endMessage();
      }
    }
  }

  /**
   * Returns the message of a complete request.
   * @throws RpcError when the message is incomplete or missing
   */
  finish(): Buffer {
    if (this.#prefixBytes > 0) {
      throw new RpcError(StatusCode.invalidArgument, "protocol error: incomplete message");
    }
    if (this.#message === undefined) throw missingMessage();
    return this.#message.content;
  }

  /** Returns the room of the message, which may still be in use, to the budget. */
  release(): void {
    this.#message?.release();
  }

  /** The same for a message that is not in use any more. */
  discard(): void {
    this.#message?.discard();
  }

  #takePrefix(chunk: Buffer, offset: number): number {
    const copied = chunk.copy(this.#prefix, this.#prefixBytes, offset);
    this.#prefixBytes += copied;
    if (this.#prefixBytes === PREFIX_BYTES) {
      this.#declaredBytes = declaredLength(this.#prefix, this.#maxBytes, this.#mayCompress);
      if (this.#messages === 0) {
        this.isCompressed = this.#prefix[0] === COMPRESSED;
        this.#message = new GrowingBuffer(this.#declaredBytes, this.#budget);
      }
    }
    return copied;
  }

  #takeMessage(chunk: Buffer, offset: number): number {
    const bytes = Math.min(chunk.length - offset, this.#declaredBytes - this.#messageBytes);
    // A second message is only counted, to tell a whole one from a part.
    if (this.#messages === 0) this.#message?.append(chunk.subarray(offset, offset + bytes));
    this.#messageBytes += bytes;
    return bytes;
  }

  #endMessage(): void {
    if (++this.#messages > 1) {
      const text = "protocol error: more than one request message";
      throw new RpcError(StatusCode.unimplemented, text);
    }
    this.#prefixBytes = 0;
    this.#messageBytes = 0;
    this.#declaredBytes = 0;
  }
}

/**
 * Returns the length that a prefix declares.
 * @throws RpcError when the length is above the limit, or the flags are invalid
 */
export function declaredLength(prefix: Buffer, maxBytes: number, mayCompress = false): number {
  const flags = prefix[0];
  if (flags !== 0 && !(flags === COMPRESSED && mayCompress)) {
    const text =
      flags === COMPRESSED
        ? "message is compressed, but the call names no compression"
        : `message has unknown flags ${flags}`;
    throw new RpcError(StatusCode.internal, `protocol error: ${text}`);
  }
  const bytes = prefix.readUInt32BE(1);
  if (bytes > maxBytes) throw tooLarge(bytes, maxBytes);
  return bytes;
}

/** Returns the error for a request message above its limit. */
export function tooLarge(bytes: number, maxBytes: number): RpcError {
  const text = `request message is ${bytes} bytes, the limit is ${maxBytes}`;
  return new RpcError(StatusCode.resourceExhausted, text);
}

/** Returns the error for a unary call without a message. */
export function missingMessage(): RpcError {
  return new RpcError(StatusCode.unimplemented, "protocol error: missing request message");
}
