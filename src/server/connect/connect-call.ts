import { performance } from "node:perf_hooks";
import type { UniversalHandler } from "@connectrpc/connect/protocol";
import { RpcError, StatusCode } from "../../rpc/rpc-error.js";
import { grpcStatusHeaders } from "../grpc/grpc-status.js";
import { MIN_PROGRESS_BYTES, type RegisteredCall } from "../limits/call-registry.js";
import type { Connection } from "../limits/connection.js";
import { contextValuesOf } from "../limits/decoded-request.js";
import type { Semaphore } from "../limits/semaphore.js";
import type { ServerContext } from "../limits/server-context.js";
import { takeTimeoutMs } from "./call-timeout.js";
import { checkedBody, type BodyChecks } from "./checked-body.js";
import { takeBodyFormat } from "./connect-body.js";
import type { HttpExchange } from "./http-exchange.js";
import { sendUniversalResponse, universalRequestFrom } from "./universal-messages.js";

/** How often Connect holds a reply: as a message, and encoded. */
const REPLY_COPIES = 2;

/** The HTTP status of a failed call without a gRPC status; clients of Connect translate it. */
const HTTP_STATUS: ReadonlyMap<number, number> = new Map([
  [StatusCode.deadlineExceeded, 408],
  [StatusCode.resourceExhausted, 429],
]);

/** What the server has to know of a method to bound its calls. */
export interface MethodBounds {
  /** Whether the reply is a stream, of which one message at a time is held. */
  readonly isStream: boolean;
  /** Whether a reply may be so large that few of them may be made at a time. */
  readonly hasLargeReplies: boolean;
}

/** One call that Connect carries, from its headers until its exchange is closed. */
export class ConnectCall implements RegisteredCall {
  previousCall: RegisteredCall | undefined = undefined;
  nextCall: RegisteredCall | undefined = undefined;
  isRegistered = false;
  readonly #exchange: HttpExchange;
  readonly #connection: Connection;
  readonly #context: ServerContext;
  readonly #semaphore: Semaphore;
  readonly #method: MethodBounds;
  /** When the client stops waiting, on the clock of `performance.now()`. */
  readonly #deadlineMs: number;
  #isReading = true;
  #hasPermit = false;
  #isClosed = false;
  #receivedBytes = 0;
  #replyBytes = 0;
  /** The time of the last progress, on the clock of the server's calls. */
  #progressMs: number;
  #progressBytes = 0;
  #releaseBody: (() => void) | undefined;

  /** Opens the call: from now on its timeouts are checked. */
  constructor(
    exchange: HttpExchange,
    connection: Connection,
    context: ServerContext,
    semaphore: Semaphore,
    method: MethodBounds,
  ) {
    this.#exchange = exchange;
    this.#connection = connection;
    this.#context = context;
    this.#semaphore = semaphore;
    this.#method = method;
    this.#progressMs = context.calls.nowMs;
    this.#deadlineMs = performance.now() + takeTimeoutMs(exchange.headers);
    context.calls.add(this);
    connection.callOpened();
    exchange.onClose(() => this.#closed());
  }

  /** Reads the request, calls the handler, and sends what it returns. */
  async run(handler: UniversalHandler, checks: BodyChecks): Promise<void> {
    const exchange = this.#exchange;
    try {
      const format = takeBodyFormat(exchange.headers);
      const body = checkedBody(this.#chunks(), format, checks, this);
      const values = contextValuesOf(checks.decoded);
      const response = await handler(universalRequestFrom(exchange, body, values));
      await sendUniversalResponse(response, exchange, (bytes) => this.#replied(bytes));
    } catch (error) {
      // A client that has left is no defect.
      if (exchange.isClosed) return;
      this.#context.report(error, `call to ${exchange.path}`);
      exchange.reset(true);
    } finally {
      this.#releasePermit();
    }
  }

  /** @param release - returns to the budget what the request holds, when the call is over */
  holds(release: () => void): void {
    if (this.#isClosed) release();
    else this.#releaseBody = release;
  }

  /**
   * Settles when the call, whose request is complete, may be handled. Few calls are handled at
   * a time, since the size of a reply is not known in advance, and only while there is room
   * for replies.
   *
   * @throws RpcError `cancelled` when the client has left, `resource_exhausted` when there is
   *   no room for a reply
   */
  async begin(): Promise<void> {
    this.#isReading = false;
    await this.#acquirePermit();
    const { unreadReplies } = this.#connection;
    while (unreadReplies.isFull) {
      this.#releasePermit();
      await new Promise<void>((run) => unreadReplies.wait({ run }));
      await this.#acquirePermit();
    }
    const { budget } = this.#context;
    if (budget.isFull) {
      const text = `no room for a reply: ${budget.heldBytes} bytes are in flight; try again`;
      throw new RpcError(StatusCode.resourceExhausted, text);
    }
  }

  check(nowMs: number): void {
    const { readStallTimeoutMs, writeStallTimeoutMs } = this.#context.limits;
    const { hasResponded, isProgressChecked } = this.#exchange;
    if (!hasResponded && nowMs >= this.#deadlineMs) {
      this.#fail(StatusCode.deadlineExceeded, "deadline exceeded");
    } else if (isProgressChecked) {
      return;
    } else if (hasResponded) {
      if (nowMs - this.#progressMs >= writeStallTimeoutMs) this.#exchange.reset();
    } else if (!this.#isReading) {
      this.#progressMs = nowMs;
    } else if (this.#receivedBytes - this.#progressBytes >= MIN_PROGRESS_BYTES) {
      this.#progressBytes = this.#receivedBytes;
      this.#progressMs = nowMs;
    } else if (nowMs - this.#progressMs >= readStallTimeoutMs) {
      const text = `the request did not arrive within ${readStallTimeoutMs} ms`;
      this.#fail(StatusCode.deadlineExceeded, text);
    }
  }

  evict(): void {
    const text = "too many concurrent calls: this one was the oldest";
    if (!this.#fail(StatusCode.resourceExhausted, text)) this.#exchange.reset();
  }

  async *#chunks(): AsyncGenerator<Buffer, undefined> {
    for await (const chunk of this.#exchange.body) {
      this.#receivedBytes += chunk.length;
      yield chunk;
    }
    return undefined;
  }

  /** Counts a part of the reply, which is held until the client has read it. */
  #replied(bytes: number): void {
    this.#releasePermit();
    const { unreadReplies } = this.#connection;
    if (this.#method.isStream) {
      // The next message of a stream is taken only when the one before has been written.
      this.#context.budget.release(this.#replyBytes);
      unreadReplies.remove(this.#replyBytes);
      this.#replyBytes = 0;
    }
    const heldBytes = (REPLY_COPIES + unreadReplies.copies - 1) * bytes;
    this.#context.budget.add(heldBytes);
    unreadReplies.add(heldBytes);
    this.#replyBytes += heldBytes;
    this.#progressMs = this.#context.calls.nowMs;
  }

  /**
   * Fails the call without Connect, which then finds the exchange answered.
   * @returns false when a response has begun, or the exchange is closed
   */
  #fail(code: number, message: string): boolean {
    const exchange = this.#exchange;
    if (exchange.hasResponded || exchange.isClosed) return false;
    const type = exchange.headers["content-type"];
    if (type?.startsWith("application/grpc") === true) {
      exchange.refuse(200, grpcStatusHeaders(type, code, message));
    } else {
      exchange.refuse(HTTP_STATUS.get(code) ?? 500, {});
    }
    return true;
  }

  #closed(): void {
    this.#isClosed = true;
    this.#releasePermit();
    this.#releaseBody?.();
    this.#context.calls.remove(this);
    this.#context.budget.release(this.#replyBytes);
    this.#connection.callClosed(this.#replyBytes, this.#exchange.isResetByClient);
  }

  async #acquirePermit(): Promise<void> {
    if (!this.#method.hasLargeReplies) return;
    await this.#semaphore.acquire();
    this.#hasPermit = true;
    if (!this.#isClosed) return;
    this.#releasePermit();
    throw new RpcError(StatusCode.cancelled, "the client cancelled the call");
  }

  #releasePermit(): void {
    if (!this.#hasPermit) return;
    this.#hasPermit = false;
    this.#semaphore.release();
  }
}
