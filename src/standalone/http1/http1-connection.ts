import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { performance } from "node:perf_hooks";
import { MIN_PROGRESS_BYTES } from "../../server/limits/call-registry.js";
import { MIN_SILENCE_MS, type Connection } from "../../server/limits/connection.js";
import type { ServerLimits } from "../../server/limits/server-limits.js";
import { UnreadReplies } from "../../server/limits/unread-replies.js";

/** The response to a client whose request does not arrive. */
const REQUEST_TIMEOUT =
  "HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

/** One HTTP/1.1 connection and its open requests. */
export class Http1Connection implements Connection {
  readonly unreadReplies: UnreadReplies;
  /** The first bytes have said that the client speaks HTTP/1.1, which has no handshake. */
  readonly isInHandshake = false;
  readonly #socket: Socket;
  readonly #limits: ServerLimits;
  readonly #now: () => number;
  /** Requests whose responses are not complete; several when a client pipelines. */
  readonly #openRequests = new Map<IncomingMessage, ServerResponse>();
  #progressMs: number;
  #progressBytes = 0;
  /** What the client had sent when its last request was answered. */
  #answeredBytes = 0;
  #isClosing = false;

  constructor(socket: Socket, limits: ServerLimits, now = (): number => performance.now()) {
    this.#socket = socket;
    this.#limits = limits;
    this.#now = now;
    this.#progressMs = now();
    const isEncrypted = "encrypted" in socket && socket.encrypted === true;
    this.unreadReplies = new UnreadReplies(limits.maxUnreadReplyBytes, isEncrypted);
  }

  /** Adds a request until its response is complete or its client has left. */
  begin(request: IncomingMessage, response: ServerResponse): void {
    this.#openRequests.set(request, response);
    this.#progressMs = this.#now();
    if (this.#isClosing) response.shouldKeepAlive = false;
    response.once("close", () => {
      this.#openRequests.delete(request);
      this.#answeredBytes = this.#socket.bytesRead;
      this.#progressMs = this.#now();
      if (this.#isClosing) this.close();
    });
  }

  /** {@link begin} has counted the request already, which need not be a call. */
  callOpened(): void {}

  callClosed(replyBytes: number): void {
    if (replyBytes === 0) return;
    this.unreadReplies.remove(replyBytes);
    if (!this.#socket.destroyed) this.unreadReplies.runWaiting();
  }

  unusedMs(): number | undefined {
    const stillMs = this.#now() - this.#progressMs;
    if (this.#openRequests.size === 0) return stillMs;
    return this.#isClientsTurn() && stillMs >= MIN_SILENCE_MS ? stillMs : undefined;
  }

  check(nowMs: number): void {
    const { handshakeTimeoutMs, readStallTimeoutMs, writeStallTimeoutMs } = this.#limits;
    const bytes = this.#socket.bytesRead + this.#socket.bytesWritten;
    const hasProgress = bytes - this.#progressBytes >= MIN_PROGRESS_BYTES;
    const stillMs = nowMs - this.#progressMs;
    if (this.#openRequests.size === 0) {
      // Also while headers arrive slowly: a client sends a request in one go.
      if (stillMs >= handshakeTimeoutMs) this.#endStalled();
    } else if (hasProgress || !this.#isClientsTurn()) {
      this.#progressBytes = bytes;
      this.#progressMs = nowMs;
    } else if (stillMs >= (this.#isReading() ? readStallTimeoutMs : writeStallTimeoutMs)) {
      this.#endStalled();
    }
  }

  close(): void {
    this.#isClosing = true;
    if (this.#openRequests.size === 0) {
      this.#socket.destroySoon();
      return;
    }
    for (const response of this.#openRequests.values()) response.shouldKeepAlive = false;
  }

  destroy(): void {
    this.#socket.destroy();
  }

  destroySocket(): void {
    this.#socket.destroy();
  }

  /** True while the next step is the client's: to send, or to read. */
  #isClientsTurn(): boolean {
    return this.#isReading() || this.#socket.writableLength > 0;
  }

  #isReading(): boolean {
    for (const request of this.#openRequests.keys()) if (!request.complete) return true;
    return false;
  }

  #endStalled(): void {
    const responses = [...this.#openRequests.values()];
    const isAnswering = responses.some(({ headersSent }) => headersSent);
    const hasAsked = this.#socket.bytesRead > this.#answeredBytes;
    if (hasAsked && !isAnswering && this.#socket.writable) this.#socket.write(REQUEST_TIMEOUT);
    this.#socket.destroySoon();
  }
}
