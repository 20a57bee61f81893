import http2 from "node:http2";
import { performance } from "node:perf_hooks";
import type { Duplex } from "node:stream";
import { clearTimeout, setTimeout } from "node:timers";

/**
 * How much a session may hold, in megabytes: no bound, the largest number that Node
 * takes. What had still to be sent of a call that the server refused stays on Node's
 * account for as long as the session lives, though its memory is given back; at the
 * default of 10 two refused values of 8 MiB are the last that a session ever sends.
 */
const SESSION_MEGABYTES = 2 ** 32 - 1;

/**
 * One HTTP/2 connection from its first byte to its last. It keeps the process
 * alive while it connects and while requests are under way, not when idle.
 */
export class Http2Session {
  /** Settles when requests can be sent, or with the reason why they never can. */
  readonly connected: Promise<void>;
  readonly #session: http2.ClientHttp2Session;
  readonly #socket: Duplex;
  #streams = 0;
  #lastAnswerAt = 0;
  #verification: Promise<boolean> | undefined;

  constructor(authority: string, connect: () => Duplex) {
    const socket = connect();
    const session = http2.connect(authority, {
      createConnection: () => socket,
      maxSessionMemory: SESSION_MEGABYTES,
      // No bound on its memory, so nobody may push what was not asked for.
      settings: { enablePush: false },
    });
    this.#session = session;
    this.#socket = socket;
    // This one stays. A session may fail after everybody has lost interest in it,
    // and an error that nobody listens to would end the process.
    session.on("error", () => {});
    // Requests under way are still answered; the next one needs another connection.
    session.on("goaway", () => session.close());
    this.connected = new Promise((resolve, reject) => {
      session.once("error", reject);
      session.once("close", () => reject(new Error("the connection was closed")));
      session.once("connect", () => {
        this.noteAnswer();
        session.unref();
        resolve();
      });
    });
    this.connected.catch(() => {});
  }

  /** False once it broke, or either end said good-bye. */
  get usable(): boolean {
    return !this.#session.closed && !this.#session.destroyed;
  }

  /** Sends the head of a request. Throws when no longer usable. */
  request(
    headers: http2.OutgoingHttpHeaders,
    options: http2.ClientSessionRequestOptions,
  ): http2.ClientHttp2Stream {
    const stream = this.#session.request(headers, options);
    if (this.#streams++ === 0) this.#session.ref();
    let hasAnswer = false;
    stream.once("response", () => {
      hasAnswer = true;
      this.noteAnswer();
    });
    stream.once("aborted", () => {
      // A polite reset ends a stream that has no answer without anybody hearing of it.
      if (!hasAnswer && stream.rstCode === 0) stream.destroy(unansweredError());
    });
    stream.once("close", () => {
      if (--this.#streams === 0 && !this.#session.destroyed) this.#session.unref();
    });
    return stream;
  }

  /** Something came from the other end, so it lives. */
  noteAnswer(): void {
    this.#lastAnswerAt = performance.now();
  }

  /**
   * Makes sure that the other end still answers, with a PING, when it has been
   * silent for `silentMs`. A session that does not answer in time is destroyed.
   *
   * @returns whether the session may be used
   */
  async verify(silentMs: number, timeoutMs: number): Promise<boolean> {
    if (performance.now() - this.#lastAnswerAt < silentMs) return this.usable;
    this.#verification ??= this.#ping(timeoutMs).finally(() => {
      this.#verification = undefined;
    });
    return this.#verification;
  }

  /** Ends it at once; what is under way fails. */
  destroy(): void {
    this.#session.destroy();
    // By itself the session waits, and the process with it, until the other end has
    // taken what was being sent: for ever, if that one does not read.
    this.#socket.destroy();
  }

  #ping(timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (alive: boolean): void => {
        clearTimeout(timer);
        if (alive) this.noteAnswer();
        else this.destroy();
        resolve(alive);
      };
      const timer = setTimeout(() => settle(false), timeoutMs);
      // Throws, or calls back with an error, when the session ended meanwhile.
      try {
        this.#session.ping((error) => settle(error === null && this.usable));
      } catch {
        settle(false);
      }
    });
  }
}

function unansweredError(): NodeJS.ErrnoException {
  return Object.assign(new Error("the stream was reset without an answer"), {
    code: "ERR_HTTP2_STREAM_ERROR",
  });
}
