import { constants, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import type { Socket } from "node:net";
import { MIN_SILENCE_MS, type Connection } from "./connection.js";
import { destroyAfterReading } from "./destroy-after-reading.js";
import type { ServerContext } from "./server-context.js";
import { TokenBucket } from "./token-bucket.js";
import { UnreadReplies } from "./unread-replies.js";

/**
 * Bytes that a client may send on all its streams before they are read. With
 * HTTP/2's own 64 KiB large values wait for permission most of the time.
 */
const CONNECTION_WINDOW_BYTES = 4 * 1_048_576;

/**
 * At 1,000 resets, and 33 a second, HTTP/2 itself (nghttp2) ends the whole
 * connection, calls in flight included. A connection is retired before that: its
 * client opens another one and loses nothing. Long before, because a reset that
 * arrives just after the reply counts in nghttp2 and is not reported here: of 5,000 calls
 * cancelled as soon as they were sent, four in ten.
 */
const RESETS_BEFORE_RETIREMENT = 250;
const RESETS_PER_SECOND = 8;

/** Resets that no honest client reaches: it has left a retired connection long before. */
const RESETS_BEFORE_END = 10_000;

/** PING and SETTINGS frames: gRPC clients that measure bandwidth send a PING per reply. */
const CONTROL_FRAMES = 2_000;
const CONTROL_FRAMES_PER_SECOND = 100;
const CONTROL_FRAMES_PER_CALL = 2;

/** The share of the usual keepalive times that applies when a server is crowded. */
const CROWDED_KEEPALIVE_SHARE = 0.1;

/** As the last stream of a GOAWAY frame: all streams are served. */
const MAX_STREAM_ID = 2 ** 31 - 1;

const CONNECTION = Symbol("connection");

/** A session that carries its connection, so that every stream finds it without a lookup. */
interface ConnectionSession extends ServerHttp2Session {
  [CONNECTION]?: Http2Connection;
}

/** Returns the connection of a stream; undefined for a stream whose session has ended. */
export function connectionOf({ session }: ServerHttp2Stream): Http2Connection | undefined {
  return (session as ConnectionSession | undefined)?.[CONNECTION];
}

/** One HTTP/2 connection: its session, its socket, and what its client may still do. */
export class Http2Connection implements Connection {
  readonly unreadReplies: UnreadReplies;
  readonly #session: ServerHttp2Session;
  /** What the session reads from; undefined where the runtime does not reveal it. */
  readonly #socket: Socket | undefined;
  readonly #context: ServerContext;
  readonly #resets: TokenBucket;
  readonly #controlFrames: TokenBucket;
  #openCalls = 0;
  #resetCount = 0;
  #isInHandshake = true;
  #isRetired = false;
  /** When a call last began or ended; before the first call, when the connection was made. */
  #activeMs: number;
  #bytesRead = 0;
  /** When bytes last arrived, as far as it was checked. */
  #readMs: number;
  /** When the client last acknowledged a keepalive PING. */
  #acknowledgedMs = 0;
  /** When a keepalive PING was sent that is not acknowledged yet. */
  #pingedMs: number | undefined = undefined;

  /** Adds a new session to the registry of its server, which may refuse it. */
  static accept(
    session: ServerHttp2Session,
    socket: Socket | undefined,
    context: ServerContext,
  ): void {
    // A client that breaks the protocol has ended its own session and no other.
    session.on("error", ignore);
    destroyAfterReading(session);
    const connection = new Http2Connection(session, socket, context);
    const { connections } = context;
    const isAccepted = connections.add(connection);
    session.once("close", () => connections.end(connection));
    (socket ?? session).once("close", () => connections.remove(connection));
    if (!isAccepted) {
      session.destroy();
      return;
    }
    // Bun 1.4 stops reading large requests when the window is changed.
    if (process.versions["bun"] === undefined) session.setLocalWindowSize(CONNECTION_WINDOW_BYTES);
    (session as ConnectionSession)[CONNECTION] = connection;
  }

  constructor(session: ServerHttp2Session, socket: Socket | undefined, context: ServerContext) {
    this.#session = session;
    this.#socket = socket;
    this.#context = context;
    const { nowMs } = context.calls;
    const isEncrypted = session.encrypted === true;
    this.unreadReplies = new UnreadReplies(context.limits.maxUnreadReplyBytes, isEncrypted);
    this.#activeMs = nowMs;
    this.#readMs = nowMs;
    this.#resets = new TokenBucket(RESETS_BEFORE_RETIREMENT, RESETS_PER_SECOND, nowMs);
    this.#controlFrames = new TokenBucket(CONTROL_FRAMES, CONTROL_FRAMES_PER_SECOND, nowMs);
    session.on("remoteSettings", () => {
      this.#isInHandshake = false;
      this.#countControlFrame();
    });
    session.on("ping", () => this.#countControlFrame());
  }

  get isInHandshake(): boolean {
    return this.#isInHandshake;
  }

  /**
   * Connections with calls count as well: Node hears nothing more of a client that breaks the
   * protocol in the middle of a call, and the call seems to be open until it times out.
   */
  unusedMs(): number | undefined {
    const { nowMs } = this.#context.calls;
    if (this.#openCalls === 0) return nowMs - this.#activeMs;
    const silentMs = this.#silentMs(nowMs);
    return silentMs < MIN_SILENCE_MS ? undefined : silentMs;
  }

  callOpened(): void {
    this.#openCalls++;
    this.#activeMs = this.#context.calls.nowMs;
    this.#controlFrames.add(CONTROL_FRAMES_PER_CALL);
  }

  callClosed(replyBytes: number, isReset: boolean): void {
    this.#openCalls--;
    this.#activeMs = this.#context.calls.nowMs;
    if (isReset) this.countReset();
    if (replyBytes === 0) return;
    this.unreadReplies.remove(replyBytes);
    // The client of a destroyed session reads no more replies.
    if (!this.#session.destroyed) this.unreadReplies.runWaiting();
  }

  /** Counts a stream that the client has reset. */
  countReset(): void {
    this.#resetCount++;
    if (this.#resetCount > RESETS_BEFORE_END && this.#isRetired) this.#endFlood();
    else if (!this.#resets.tryTake(this.#context.calls.nowMs)) this.#retire();
  }

  check(nowMs: number, isCrowded: boolean): void {
    if (this.#session.destroyed) {
      // A closed session leaves its socket to the client, which may never read what is
      // waiting there, nor hang up.
      this.destroySocket();
      return;
    }
    this.#silentMs(nowMs);
    const { handshakeTimeoutMs, maxConnectionIdleMs } = this.#context.limits;
    const idleMs = this.#openCalls > 0 ? 0 : nowMs - this.#activeMs;
    if (this.#isInHandshake) {
      if (nowMs - this.#activeMs >= handshakeTimeoutMs) this.#session.destroy();
      return;
    }
    if (this.#isRetired || idleMs >= maxConnectionIdleMs) this.close();
    this.#checkAlive(nowMs, isCrowded);
  }

  close(): void {
    if (!this.#session.closed && !this.#session.destroyed) this.#session.close();
  }

  destroy(): void {
    this.#session.destroy();
  }

  destroySocket(): void {
    this.#socket?.destroy();
  }

  /** The time since the client last sent anything; 0 on Bun 1.4, which does not count bytes. */
  #silentMs(nowMs: number): number {
    const bytesRead = this.#socket?.bytesRead ?? 0;
    if (bytesRead === 0) return 0;
    if (bytesRead !== this.#bytesRead) {
      this.#bytesRead = bytesRead;
      this.#readMs = nowMs;
    }
    return nowMs - this.#readMs;
  }

  /**
   * Asks the client to use another connection from now on. Calls that it starts before it has
   * read that are still served; the next sweep closes the connection.
   */
  #retire(): void {
    if (this.#isRetired || this.#session.closed || this.#session.destroyed) return;
    this.#isRetired = true;
    this.#session.goaway(constants.NGHTTP2_NO_ERROR, MAX_STREAM_ID);
  }

  /**
   * Sends a keepalive PING on a connection without calls, and closes the connection when the
   * client does not acknowledge it. Node stops reading from a client that has broken the
   * protocol, and so never notices that it hangs up.
   */
  #checkAlive(nowMs: number, isCrowded: boolean): void {
    const { limits } = this.#context;
    const share = isCrowded ? CROWDED_KEEPALIVE_SHARE : 1;
    const intervalMs = limits.keepaliveIntervalMs * share;
    const timeoutMs = limits.keepaliveTimeoutMs * share;
    if (this.#session.destroyed) return;
    if (this.#pingedMs !== undefined) {
      if (nowMs - this.#pingedMs >= timeoutMs) this.#session.destroy();
    } else if (nowMs - Math.max(this.#activeMs, this.#acknowledgedMs) >= intervalMs) {
      this.#pingedMs = nowMs;
      this.#session.ping((error: Error | null) => {
        if (error !== null) {
          // It cannot even be sent: HTTP/2 has given up on this client.
          this.#session.destroy();
          return;
        }
        this.#pingedMs = undefined;
        this.#acknowledgedMs = this.#context.calls.nowMs;
      });
    }
  }

  #countControlFrame(): void {
    if (!this.#controlFrames.tryTake(this.#context.calls.nowMs)) this.#endFlood();
  }

  #endFlood(): void {
    this.#session.destroy(undefined, constants.NGHTTP2_ENHANCE_YOUR_CALM);
  }
}

function ignore(): void {}
