import type { IncomingHttpHeaders, OutgoingHttpHeaders, ServerHttp2Stream } from "node:http2";
import { performance } from "node:perf_hooks";
import { CALL_GARBAGE_BYTES, recordGarbage } from "../../contract/heap-pressure.js";
import { isPromise } from "../../contract/maybe-promise.js";
import { nodeTimers } from "../../contract/timers.js";
import { INTERNAL_ERROR_MESSAGE, isRpcError, StatusCode } from "../../rpc/rpc-error.js";
import { decodeRequest, type SplitReply, type UnaryMethod } from "../../rpc/unary-method.js";
import { noRoomForReply } from "../limits/byte-budget.js";
import { CallContext } from "./call-context.js";
import { MIN_PROGRESS_BYTES, type RegisteredCall } from "../limits/call-registry.js";
import type { Connection } from "../limits/connection.js";
import type { ServerContext } from "../limits/server-context.js";
import { OK_TRAILERS, replyHeadersFor } from "./grpc-headers.js";
import { sendStatus } from "./grpc-status.js";
import { parseGrpcTimeout } from "./grpc-timeout.js";
import { sendFrame, UNCOUNTED_REPLY_BYTES, writePrefix } from "./reply-frame.js";
import { noteReleasedBuffers } from "../limits/heap-garbage.js";
import { startLongTimeout, type LongTimeout } from "../limits/long-timeout.js";
import {
  declaredLength,
  MessageAssembler,
  missingMessage,
  PREFIX_BYTES,
} from "../limits/message-assembler.js";
import { isResetByClient, resetStream } from "../limits/stream-reset.js";

/** The states of a call. A call only moves forward. */
const enum State {
  /** The request is arriving. */
  Reading,
  /** The request is complete, and waits until its client has read earlier replies. */
  Waiting,
  /** The implementation runs. */
  Handling,
  /** The reply has been passed to HTTP/2. */
  Answered,
  /** The stream is closed. */
  Closed,
}

/** No date: gRPC does not use it, and a call costs a tenth more with it. */
const REPLY_OPTIONS = { waitForTrailers: true, sendDate: false };

/**
 * One unary gRPC call, from its headers until its stream is closed. It holds what would
 * otherwise be closures, since there may be tens of thousands of calls a second.
 */
export class UnaryCall implements RegisteredCall {
  previousCall: RegisteredCall | undefined = undefined;
  nextCall: RegisteredCall | undefined = undefined;
  isRegistered = false;
  /** When the client stops waiting, on the clock of `performance.now()`; 0 without a deadline. */
  deadlineMs = 0;
  #state = State.Reading;
  #message: Buffer | undefined = undefined;
  #assembler: MessageAssembler | undefined = undefined;
  #handlerContext: CallContext | undefined = undefined;
  #copiesValues = false;
  #deadlineTimer: LongTimeout | undefined = undefined;
  #receivedBytes = 0;
  #replyBytes = 0;
  #trailers: OutgoingHttpHeaders = OK_TRAILERS;
  /** The time of the last progress, on the clock of the server's calls. */
  #progressMs: number;
  #progressBytes = 0;

  readonly #connection: Connection;
  readonly #context: ServerContext;

  constructor(
    readonly stream: ServerHttp2Stream,
    readonly headers: IncomingHttpHeaders,
    readonly method: UnaryMethod,
    connection: Connection,
    context: ServerContext,
  ) {
    this.#connection = connection;
    this.#context = context;
    this.#progressMs = context.calls.nowMs;
    recordGarbage(CALL_GARBAGE_BYTES);
    context.calls.add(this);
    connection.callOpened();
  }

  /** Reads the deadline from the headers. */
  begin(): void {
    const timeout = this.headers["grpc-timeout"];
    if (timeout !== undefined) this.#setDeadline(String(timeout));
  }

  #setDeadline(text: string): void {
    const timeoutMs = parseGrpcTimeout(text);
    if (timeoutMs === undefined) {
      const shown = JSON.stringify(text.slice(0, 40));
      this.fail(StatusCode.invalidArgument, `protocol error: invalid grpc-timeout ${shown}`);
      return;
    }
    this.deadlineMs = performance.now() + timeoutMs;
  }

  /** Reads a piece of the request. */
  read(chunk: Buffer): void {
    if (this.#state !== State.Reading) return;
    this.#receivedBytes += chunk.length;
    try {
      if (this.#isWholeRequest(chunk)) {
        this.#message = chunk;
        return;
      }
      this.#assembler ??= this.#startAssembling();
      this.#assembler.push(chunk);
    } catch (error) {
      this.#failWith(error);
    }
  }

  get #maxRequestBytes(): number {
    return Math.min(this.#context.limits.maxRequestBytes, this.method.codec.maxRequestBytes);
  }

  /** Almost every request arrives in one piece, which then needs no copy. */
  #isWholeRequest(chunk: Buffer): boolean {
    if (this.#receivedBytes !== chunk.length || chunk.length < PREFIX_BYTES) return false;
    const bytes = declaredLength(chunk, this.#maxRequestBytes);
    return bytes === chunk.length - PREFIX_BYTES;
  }

  #startAssembling(): MessageAssembler {
    const assembler = new MessageAssembler(this.#maxRequestBytes, this.#context.budget);
    if (this.#message !== undefined) assembler.push(this.#message);
    this.#message = undefined;
    return assembler;
  }

  /** Runs the call when its request has ended, or lets it wait until earlier replies are read. */
  start(): void {
    if (this.#state !== State.Reading) return;
    if (this.#connection.unreadReplies.isFull) {
      this.#state = State.Waiting;
      this.#connection.unreadReplies.wait(this);
      return;
    }
    this.run();
  }

  /** Runs the call, unless it has ended while it was waiting. */
  run(): void {
    if (this.#state > State.Waiting) return;
    this.#state = State.Handling;
    try {
      if (this.deadlineMs !== 0 && performance.now() >= this.deadlineMs) {
        this.#expire();
        return;
      }
      const request = this.#decodeRequest();
      this.#handlerContext = new CallContext(this);
      // Before the call: a configuration may change it meanwhile.
      this.#copiesValues = this.method.copiesValues?.() ?? false;
      const reply = this.method.implementation(request, this.#handlerContext);
      if (isPromise(reply)) this.#awaitReply(reply);
      else this.#answer(reply);
    } catch (error) {
      this.#failWith(error);
    }
  }

  #decodeRequest(): object {
    if (this.#assembler !== undefined) return decodeRequest(this.method, this.#assembler.finish());
    if (this.#message === undefined) throw missingMessage();
    return decodeRequest(this.method, this.#message.subarray(PREFIX_BYTES));
  }

  #awaitReply(reply: Promise<object>): void {
    if (this.deadlineMs !== 0) {
      const remainingMs = this.deadlineMs - performance.now();
      this.#deadlineTimer = startLongTimeout(remainingMs, () => this.#expire(), nodeTimers);
    }
    reply.then(
      (value) => this.#answer(value),
      (error: unknown) => this.#failWith(error),
    );
  }

  #answer(reply: object): void {
    if (!this.#canAnswer()) return;
    if (this.#copiesValues) this.#assembler?.discard();
    let encoded: Buffer | SplitReply;
    try {
      encoded = this.method.codec.encodeReply(reply, PREFIX_BYTES);
      const bytes = writePrefix(encoded);
      if (bytes > UNCOUNTED_REPLY_BYTES && !this.#takeReplyBytes(bytes)) return;
      const headers = replyHeadersFor(this.headers["content-type"]);
      this.#trailers = this.#handlerContext?.withTrailers(OK_TRAILERS) ?? OK_TRAILERS;
      this.stream.respond(this.#handlerContext?.withHeaders(headers) ?? headers, REPLY_OPTIONS);
    } catch (error) {
      this.#failWith(error);
      return;
    }
    this.#leave(State.Answered);
    sendFrame(this.stream, encoded, this.#copiesValues);
  }

  #takeReplyBytes(bytes: number): boolean {
    const { budget } = this.#context;
    const heldBytes = bytes * this.#connection.unreadReplies.copies;
    if (!budget.tryTake(heldBytes)) {
      // The encoded reply, or the value that would have been sent with it.
      noteReleasedBuffers(bytes);
      this.fail(StatusCode.resourceExhausted, noRoomForReply(bytes, budget));
      return false;
    }
    this.#replyBytes = heldBytes;
    this.#connection.unreadReplies.add(heldBytes);
    return true;
  }

  /** Sends the status that follows a reply. */
  sendTrailers(): void {
    if (this.stream.destroyed || this.stream.closed) return;
    this.stream.sendTrailers(this.#trailers);
  }

  #failWith(error: unknown): void {
    if (isRpcError(error)) {
      this.fail(error.code, error.rawMessage);
      return;
    }
    this.#context.report(error, `call to ${this.method.path}`);
    this.fail(StatusCode.internal, INTERNAL_ERROR_MESSAGE);
  }

  #expire(): void {
    this.fail(StatusCode.deadlineExceeded, "deadline exceeded");
  }

  /** Ends the call with a status, unless its reply has been sent. */
  fail(code: number, message: string): void {
    if (!this.#canAnswer()) return;
    const wasReading = this.#state === State.Reading;
    this.#leave(State.Answered);
    this.#handlerContext?.abort(code, message);
    sendStatus(this.stream, this.headers["content-type"], code, message, !wasReading);
  }

  #canAnswer(): boolean {
    return this.#state < State.Answered && !this.stream.destroyed && !this.stream.closed;
  }

  #leave(state: State): void {
    this.#state = state;
    this.#progressMs = this.#context.calls.nowMs;
    this.#deadlineTimer?.cancel();
    this.#assembler?.release();
    this.#assembler = undefined;
    this.#message = undefined;
  }

  /** Called when the stream is closed: complete, reset, or with its connection. */
  closed(): void {
    this.#leave(State.Closed);
    this.#handlerContext?.abort(StatusCode.cancelled, "the call is over");
    this.#context.calls.remove(this);
    this.#context.budget.release(this.#replyBytes);
    this.#connection.callClosed(this.#replyBytes, isResetByClient(this.stream));
  }

  check(nowMs: number): void {
    const { readStallTimeoutMs, writeStallTimeoutMs } = this.#context.limits;
    if (this.#state === State.Answered) {
      if (nowMs - this.#progressMs >= writeStallTimeoutMs) resetStream(this.stream);
      return;
    }
    if (this.deadlineMs !== 0 && nowMs >= this.deadlineMs) this.#expire();
    if (this.#state !== State.Reading) return;
    if (this.#receivedBytes - this.#progressBytes >= MIN_PROGRESS_BYTES) {
      this.#progressBytes = this.#receivedBytes;
      this.#progressMs = nowMs;
    } else if (nowMs - this.#progressMs >= readStallTimeoutMs) {
      this.fail(
        StatusCode.deadlineExceeded,
        `the request did not arrive within ${readStallTimeoutMs} ms`,
      );
    }
  }

  evict(): void {
    const text = "too many concurrent calls: this one was the oldest";
    if (this.#state === State.Answered) resetStream(this.stream);
    else this.fail(StatusCode.resourceExhausted, text);
  }
}
