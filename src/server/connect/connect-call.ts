import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import { performance } from "node:perf_hooks";
import { RpcError, StatusCode } from "../../rpc/rpc-error.js";
import { takeTimeoutMs } from "./call-timeout.js";
import { MIN_PROGRESS_BYTES, type RegisteredCall } from "../limits/call-registry.js";
import type { Connection } from "../limits/connection.js";
import type { ServerContext } from "../limits/dispatch.js";
import { sendStatus } from "../grpc/grpc-status.js";
import { excuseReset, isResetByClient, resetStream, stopReading } from "../limits/stream-reset.js";
import type { Semaphore } from "../limits/semaphore.js";

/** The HTTP status for a request that does not come, where there is no gRPC status. */
const REQUEST_TIMEOUT = 408;

/** How often Connect has what a reply holds: as the message, and encoded. */
const REPLY_COPIES = 2;

/** What a server's limits ask of a call that Connect carries. */
export class ConnectCall implements RegisteredCall {
  previousCall: RegisteredCall | undefined = undefined;
  nextCall: RegisteredCall | undefined = undefined;
  isRegistered = false;
  readonly #deadlineMs: number;
  #isReading = true;
  #isInside = false;
  #isClosed = false;
  #receivedBytes = 0;
  #heldReplyBytes = 0;
  #movedMs: number;
  #movedBytes = 0;
  #releaseBody: (() => void) | undefined;

  readonly #stream: ServerHttp2Stream;
  readonly #headers: IncomingHttpHeaders;
  readonly #connection: Connection;
  readonly #context: ServerContext;
  readonly #semaphore: Semaphore;

  constructor(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    connection: Connection,
    context: ServerContext,
    semaphore: Semaphore,
  ) {
    this.#stream = stream;
    this.#headers = headers;
    this.#connection = connection;
    this.#context = context;
    this.#semaphore = semaphore;
    this.#movedMs = context.calls.nowMs;
    this.#deadlineMs = performance.now() + takeTimeoutMs(headers);
    context.calls.add(this);
    connection.callOpened();
    stream.once("close", () => this.#closed());
    // An answer may come before the request has ended. The rest is read and dropped: a
    // reset would overtake the trailers, and unread bytes would keep the stream open.
    stream.once("finish", () => {
      if (this.#isReading) excuseReset(stream);
      stream.resume();
    });
  }

  /** Notes a piece of the request. */
  received(bytes: number): void {
    this.#receivedBytes += bytes;
  }

  /** @param release - gives back what the request holds, when the call is over */
  holds(release: () => void): void {
    this.#releaseBody = release;
  }

  /**
   * Settles when the request, now complete, may be handled: few at a time, since
   * nobody knows how large a reply becomes, and as long as there is room for it.
   */
  async begin(): Promise<void> {
    this.#isReading = false;
    await this.#enter();
    while (this.#connection.mustWait()) {
      this.#leave();
      await new Promise<void>((run) => this.#connection.wait({ run }));
      await this.#enter();
    }
    const { budget } = this.#context;
    if (budget.isFull) {
      const text = `no room for a reply: ${budget.heldBytes} bytes are in flight; try again`;
      throw new RpcError(StatusCode.resourceExhausted, text);
    }
  }

  /** Notes a piece of the reply, which is held until the client has taken it. */
  replied(bytes: number): void {
    this.#leave();
    if (this.#isClosed) return;
    const heldBytes = (REPLY_COPIES + this.#connection.replyCopies - 1) * bytes;
    this.#context.budget.add(heldBytes);
    this.#connection.heldReplyBytes += heldBytes;
    this.#heldReplyBytes += heldBytes;
    this.#movedMs = this.#context.calls.nowMs;
  }

  check(nowMs: number): void {
    const { readStallTimeoutMs, writeStallTimeoutMs } = this.#context.limits;
    if (this.#stream.headersSent) {
      if (nowMs - this.#movedMs >= writeStallTimeoutMs) resetStream(this.#stream);
    } else if (nowMs >= this.#deadlineMs) {
      this.#fail(StatusCode.deadlineExceeded, "deadline exceeded");
    } else if (!this.#isReading) {
      this.#movedMs = nowMs;
    } else if (this.#receivedBytes - this.#movedBytes >= MIN_PROGRESS_BYTES) {
      this.#movedBytes = this.#receivedBytes;
      this.#movedMs = nowMs;
    } else if (nowMs - this.#movedMs >= readStallTimeoutMs) {
      this.#fail(
        StatusCode.deadlineExceeded,
        `the request did not arrive within ${readStallTimeoutMs} ms`,
      );
    }
  }

  evict(): void {
    const text = "too many calls: ended for the sake of newer ones";
    if (!this.#fail(StatusCode.resourceExhausted, text)) resetStream(this.#stream);
  }

  /**
   * Answers in Connect's stead, which will find the stream closed.
   *
   * @returns false when there is an answer already, or nobody to answer
   */
  #fail(code: number, message: string): boolean {
    const stream = this.#stream;
    if (stream.headersSent || stream.destroyed || stream.closed) return false;
    const type = this.#headers["content-type"];
    if (type?.startsWith("application/grpc") === true) sendStatus(stream, type, code, message);
    else stream.respond({ ":status": REQUEST_TIMEOUT }, { endStream: true });
    stopReading(stream);
    return true;
  }

  #closed(): void {
    this.#isClosed = true;
    this.#leave();
    this.#releaseBody?.();
    this.#context.calls.remove(this);
    this.#context.budget.release(this.#heldReplyBytes);
    this.#connection.callClosed(this.#heldReplyBytes, isResetByClient(this.#stream));
  }

  async #enter(): Promise<void> {
    await this.#semaphore.acquire();
    this.#isInside = true;
    if (!this.#isClosed) return;
    this.#leave();
    throw new RpcError(StatusCode.cancelled, "the client cancelled the call");
  }

  #leave(): void {
    if (!this.#isInside) return;
    this.#isInside = false;
    this.#semaphore.release();
  }
}
