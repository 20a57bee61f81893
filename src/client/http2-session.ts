import http2 from "node:http2";
import { performance } from "node:perf_hooks";
import type { Duplex } from "node:stream";
import { clearTimeout, setTimeout } from "node:timers";

/**
 * `maxSessionMemory`, in megabytes: the largest number that Node accepts, which is no limit. Node
 * counts the unsent part of a refused request until the session ends, although it has released
 * the memory. With the default of 10, a session sends nothing more after two refused values of
 * 8 MiB.
 */
const SESSION_MEGABYTES = 2 ** 32 - 1;

/**
 * One HTTP/2 connection. It keeps the process alive while it connects and while requests are in
 * flight; an idle one does not.
 */
export class Http2Session {
  /** Resolves when requests can be sent. Rejects with the reason when the connection fails. */
  readonly connected: Promise<void>;
  readonly #session: http2.ClientHttp2Session;
  readonly #socket: Duplex;
  #streams = 0;
  #lastActivityAt = 0;
  #verification: Promise<boolean> | undefined;

  constructor(authority: string, connect: () => Duplex) {
    const socket = connect();
    const session = http2.connect(authority, {
      createConnection: () => socket,
      maxSessionMemory: SESSION_MEGABYTES,
      // The memory is not limited, so the server must not push replies.
      settings: { enablePush: false },
    });
    this.#session = session;
    this.#socket = socket;
    // Never removed: an error without a listener would end the process, and a session may fail
    // after it is no longer used.
    session.on("error", () => {});
    // The server still completes requests in flight; the next request needs another connection.
    session.on("goaway", () => session.close());
    this.connected = new Promise((resolve, reject) => {
      session.once("error", reject);
      session.once("close", () => reject(new Error("the connection was closed")));
      session.once("connect", () => {
        this.recordActivity();
        session.unref();
        resolve();
      });
    });
    this.connected.catch(() => {});
  }

  /** False after the connection failed, or either end began to close it. */
  get usable(): boolean {
    return !this.#session.closed && !this.#session.destroyed;
  }

  /** Sends the headers of a request. Throws when the session is no longer usable. */
  request(
    headers: http2.OutgoingHttpHeaders,
    options: http2.ClientSessionRequestOptions,
  ): http2.ClientHttp2Stream {
    const stream = this.#session.request(headers, options);
    if (this.#streams++ === 0) this.#session.ref();
    let hasResponse = false;
    stream.once("response", () => {
      hasResponse = true;
      this.recordActivity();
    });
    stream.once("aborted", () => {
      // Node emits no error for a reset with NO_ERROR, so a call without a response would hang.
      if (!hasResponse && stream.rstCode === 0) stream.destroy(resetError());
    });
    stream.once("close", () => {
      if (--this.#streams === 0 && !this.#session.destroyed) this.#session.unref();
    });
    return stream;
  }

  /** Records that the server sent something. */
  recordActivity(): void {
    this.#lastActivityAt = performance.now();
  }

  /**
   * Sends a PING when the server has been silent for `silentMs`. Without a reply within
   * `timeoutMs` the session is destroyed.
   *
   * @returns whether the session may be used
   */
  async verify(silentMs: number, timeoutMs: number): Promise<boolean> {
    if (performance.now() - this.#lastActivityAt < silentMs) return this.usable;
    this.#verification ??= this.#ping(timeoutMs).finally(() => {
      this.#verification = undefined;
    });
    return this.#verification;
  }

  /** Ends the connection at once. Requests in flight fail. */
  destroy(): void {
    this.#session.destroy();
    // The session alone would wait until the server has read what is being sent, and keep the
    // process alive.
    this.#socket.destroy();
  }

  #ping(timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (alive: boolean): void => {
        clearTimeout(timer);
        if (alive) this.recordActivity();
        else this.destroy();
        resolve(alive);
      };
      const timer = setTimeout(() => settle(false), timeoutMs);
      // After the session has ended, ping() throws or calls back with an error.
      try {
        this.#session.ping((error) => settle(error === null && this.usable));
      } catch {
        settle(false);
      }
    });
  }
}

function resetError(): NodeJS.ErrnoException {
  return Object.assign(new Error("the stream was reset without a response"), {
    code: "ERR_HTTP2_STREAM_ERROR",
  });
}
