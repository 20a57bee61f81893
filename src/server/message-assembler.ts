import { RpcError, StatusCode } from "../rpc/rpc-error.js";
import type { ByteBudget } from "./byte-budget.js";

/** Bytes before every gRPC message: one of flags, four of length. */
export const PREFIX_BYTES = 5;

/** The first allocation for a message that comes in pieces. */
const FIRST_BYTES = 4_096;

/**
 * The message of a unary request that did not come in one piece. Allocates as the
 * bytes arrive, never on the word of the length prefix alone, and checks that one
 * message comes and nothing after it.
 */
export class MessageAssembler {
  private readonly prefix = Buffer.alloc(PREFIX_BYTES);
  private prefixBytes = 0;
  private message: Buffer | undefined;
  private declaredBytes = 0;
  private messageBytes = 0;
  private messages = 0;

  constructor(
    private readonly maxBytes: number,
    private readonly budget: ByteBudget,
  ) {}

  /** @throws RpcError as soon as the request cannot become a good one */
  push(chunk: Buffer): void {
    let offset = 0;
    while (offset < chunk.length) {
      offset +=
        this.prefixBytes < PREFIX_BYTES
          ? this.takePrefix(chunk, offset)
          : this.takeMessage(chunk, offset);
      if (this.prefixBytes === PREFIX_BYTES && this.messageBytes === this.declaredBytes) {
        this.endMessage();
      }
    }
  }

  /**
   * The message, once the request has ended.
   * @throws RpcError when it ended too early
   */
  finish(): Buffer {
    if (this.prefixBytes > 0) {
      throw new RpcError(StatusCode.invalidArgument, "protocol error: incomplete message");
    }
    if (this.message === undefined) throw missingMessage();
    return this.message;
  }

  /** Gives back what the message took of the budget; to be called once. */
  release(): void {
    this.budget.release(this.message?.length ?? 0);
    this.message = undefined;
  }

  private takePrefix(chunk: Buffer, offset: number): number {
    const copied = chunk.copy(this.prefix, this.prefixBytes, offset);
    this.prefixBytes += copied;
    if (this.prefixBytes === PREFIX_BYTES) {
      this.declaredBytes = declaredLength(this.prefix, this.maxBytes);
      if (this.messages === 0) this.ensureRoom(0);
    }
    return copied;
  }

  private takeMessage(chunk: Buffer, offset: number): number {
    const bytes = Math.min(chunk.length - offset, this.declaredBytes - this.messageBytes);
    // A second message is only counted, to tell an extra message from half a one.
    if (this.messages === 0) {
      this.ensureRoom(this.messageBytes + bytes);
      chunk.copy(this.message as Buffer, this.messageBytes, offset, offset + bytes);
    }
    this.messageBytes += bytes;
    return bytes;
  }

  private endMessage(): void {
    if (++this.messages > 1) throw extraMessage();
    this.prefixBytes = 0;
    this.messageBytes = 0;
    this.declaredBytes = 0;
  }

  /** Grows by doubling up to the declared length, so that copying stays linear. */
  private ensureRoom(bytes: number): void {
    const { message } = this;
    if (message !== undefined && bytes <= message.length) return;
    const heldBytes = message?.length ?? 0;
    const room = Math.min(Math.max(bytes, 2 * heldBytes, FIRST_BYTES), this.declaredBytes);
    if (!this.budget.tryTake(room - heldBytes)) {
      throw new RpcError(
        StatusCode.resourceExhausted,
        `no room for a request of ${this.declaredBytes} bytes: ` +
          `${this.budget.heldBytes} of ${this.budget.maxBytes} bytes are in flight; try again`,
      );
    }
    // Not from the pool: a message lives until its call ends, and would pin a slab.
    const grown = Buffer.allocUnsafeSlow(room);
    message?.copy(grown);
    this.message = grown;
  }
}

/**
 * The length that a prefix declares.
 * @throws RpcError when it is above the limit, or the flags are not zero
 */
export function declaredLength(prefix: Buffer, maxBytes: number): number {
  if (prefix[0] !== 0) {
    throw new RpcError(
      StatusCode.internal,
      "protocol error: message is flagged as compressed, but the call names no compression",
    );
  }
  const bytes = prefix.readUInt32BE(1);
  if (bytes > maxBytes) {
    throw new RpcError(
      StatusCode.resourceExhausted,
      `request message is ${bytes} bytes, the limit is ${maxBytes}`,
    );
  }
  return bytes;
}

/** A unary call without its message. */
export function missingMessage(): RpcError {
  return new RpcError(StatusCode.unimplemented, "protocol error: missing request message");
}

/** A unary call with more than one message. */
export function extraMessage(): RpcError {
  return new RpcError(StatusCode.unimplemented, "protocol error: more than one request message");
}
