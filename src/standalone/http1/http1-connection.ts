import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { MIN_SILENCE_MS } from "../../server/limits/connections.js";
import { MIN_PROGRESS_BYTES } from "../../server/limits/call-registry.js";
import type { ServerLimits } from "../../server/limits/server-limits.js";

/** What a client gets whose request does not arrive. */
const TOO_SLOW = "HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

/** One HTTP/1.1 connection and what it is busy with. */
export class Http1Connection {
  /** Requests whose answers are not complete; more than one when a client pipelines. */
  readonly #underWay = new Map<IncomingMessage, ServerResponse>();
  #movedMs: number;
  #movedBytes = 0;
  /** What the client had sent when its last request was answered. */
  #answeredBytes = 0;
  #isClosing = false;

  readonly #socket: Socket;
  readonly #limits: ServerLimits;

  constructor(socket: Socket, limits: ServerLimits, nowMs: number) {
    this.#socket = socket;
    this.#limits = limits;
    this.#movedMs = nowMs;
  }

  /** Notes a request until its answer is complete or its client is gone. */
  begin(request: IncomingMessage, response: ServerResponse, now: () => number): void {
    this.#underWay.set(request, response);
    this.#movedMs = now();
    if (this.#isClosing) response.shouldKeepAlive = false;
    response.once("close", () => {
      this.#underWay.delete(request);
      this.#answeredBytes = this.#socket.bytesRead;
      this.#movedMs = now();
      if (this.#isClosing) this.close();
    });
  }

  /**
   * How long it has had no request, or its client has kept a request or a reply waiting;
   * 0 when it is in use.
   */
  uselessMs(nowMs: number): number {
    const stillMs = nowMs - this.#movedMs;
    if (this.#underWay.size === 0) return stillMs;
    return this.#isWaiting() && stillMs >= MIN_SILENCE_MS ? stillMs : 0;
  }

  /** Looks at the clock: ends the connection if its client keeps it waiting. */
  check(nowMs: number): void {
    const { handshakeTimeoutMs, readStallTimeoutMs, writeStallTimeoutMs } = this.#limits;
    const bytes = this.#socket.bytesRead + this.#socket.bytesWritten;
    const isMoving = bytes - this.#movedBytes >= MIN_PROGRESS_BYTES;
    if (this.#underWay.size === 0) {
      // Also while headers trickle in: whoever has something to ask asks it at once.
      if (nowMs - this.#movedMs >= handshakeTimeoutMs) this.#endTooSlow();
    } else if (isMoving || !this.#isWaiting()) {
      this.#movedBytes = bytes;
      this.#movedMs = nowMs;
    } else if (
      nowMs - this.#movedMs >=
      (this.#isReading() ? readStallTimeoutMs : writeStallTimeoutMs)
    ) {
      this.#endTooSlow();
    }
  }

  /** Ends when the requests that have begun are answered. */
  close(): void {
    this.#isClosing = true;
    if (this.#underWay.size === 0) {
      this.#socket.destroySoon();
      return;
    }
    for (const response of this.#underWay.values()) response.shouldKeepAlive = false;
  }

  /** Ends at once. */
  destroy(): void {
    this.#socket.destroy();
  }

  /** True while the next step is the client's: to send, or to take. */
  #isWaiting(): boolean {
    return this.#isReading() || this.#socket.writableLength > 0;
  }

  #isReading(): boolean {
    for (const request of this.#underWay.keys()) if (!request.complete) return true;
    return false;
  }

  #endTooSlow(): void {
    const isAnswering = [...this.#underWay.values()].some(({ headersSent }) => headersSent);
    const hasAsked = this.#socket.bytesRead > this.#answeredBytes;
    if (hasAsked && !isAnswering && this.#socket.writable) this.#socket.write(TOO_SLOW);
    this.#socket.destroySoon();
  }
}
