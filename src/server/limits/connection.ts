import { constants, type ServerHttp2Session } from "node:http2";
import type { Socket } from "node:net";
import { TokenBucket } from "./token-bucket.js";
import type { ServerContext } from "./dispatch.js";

/** A call that waits until its client has taken earlier replies. */
export interface WaitingCall {
  /** Runs the call; nothing if it has ended meanwhile. */
  run(): void;
}

/**
 * At 1,000 resets, and 33 a second, HTTP/2 itself (nghttp2) ends the whole
 * connection, calls in flight included. A connection is retired before that: its
 * client opens another one and loses nothing. Long before, because a reset that
 * comes just after the answer counts there and is not heard of here: of 5,000 calls
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

/** What part of the usual time a client has to show that it lives, when there are very many. */
const CROWDED_HASTE = 0.1;

/** What a server knows of one client connection. */
export class Connection {
  /** Calls that have begun and whose streams are not gone. */
  openCalls = 0;
  /** Bytes of replies that the client has not taken yet. */
  heldReplyBytes = 0;
  /** How often a reply is held: over TLS as it is and encrypted. */
  readonly replyCopies: number;
  readonly #waiting: WaitingCall[] = [];
  readonly #resets: TokenBucket;
  readonly #controlFrames: TokenBucket;
  #resetCount = 0;
  /** True once the client has said something in HTTP/2. */
  #hasSpoken = false;
  #isRetired = false;
  /** When a call last began or ended; before the first, when the connection was made. */
  activeMs: number;
  #socket: Socket | undefined = undefined;
  #heardBytes = 0;
  /** When something last came of the client, as far as it was looked at. */
  #heardMs: number;
  /** When the client last gave a sign of life that it was asked for. */
  #aliveMs = 0;
  /** When it was asked for one that has not come yet. */
  #askedMs: number | undefined = undefined;

  readonly #session: ServerHttp2Session;
  readonly #context: ServerContext;

  constructor(session: ServerHttp2Session, context: ServerContext) {
    this.#session = session;
    this.#context = context;
    const { nowMs } = context.calls;
    this.replyCopies = session.encrypted === true ? 2 : 1;
    this.activeMs = nowMs;
    this.#heardMs = nowMs;
    this.#resets = new TokenBucket(RESETS_BEFORE_RETIREMENT, RESETS_PER_SECOND, nowMs);
    this.#controlFrames = new TokenBucket(CONTROL_FRAMES, CONTROL_FRAMES_PER_SECOND, nowMs);
    session.on("remoteSettings", () => {
      this.#hasSpoken = true;
      this.#countControlFrame();
    });
    session.on("ping", () => this.#countControlFrame());
  }

  /** True as long as the client has not said a word in HTTP/2. */
  get isMute(): boolean {
    return !this.#hasSpoken;
  }

  /** How long there has been no call; 0 when there is one. */
  idleMs(nowMs: number): number {
    return this.openCalls > 0 ? 0 : nowMs - this.activeMs;
  }

  /** For how long it has been of no use: idle, or silent in the middle of calls. */
  uselessMs(nowMs: number): number {
    return this.openCalls === 0 ? this.idleMs(nowMs) : this.#silentMs(nowMs);
  }

  /** @param socket - what the session reads from */
  follow(socket: Socket): void {
    this.#socket = socket;
  }

  /** How long nothing at all has come of the client; 0 on Bun 1.4, which does not count it. */
  #silentMs(nowMs: number): number {
    const bytesRead = this.#socket?.bytesRead ?? 0;
    if (bytesRead === 0) return 0;
    if (bytesRead !== this.#heardBytes) {
      this.#heardBytes = bytesRead;
      this.#heardMs = nowMs;
    }
    return nowMs - this.#heardMs;
  }

  /** Notes that a call has begun. */
  callOpened(): void {
    this.openCalls++;
    this.activeMs = this.#context.calls.nowMs;
    this.#controlFrames.add(CONTROL_FRAMES_PER_CALL);
  }

  /** Notes that a call's stream is gone, and lets waiting calls go on. */
  callClosed(heldReplyBytes: number, isReset: boolean): void {
    this.openCalls--;
    this.activeMs = this.#context.calls.nowMs;
    if (isReset) this.countReset();
    if (heldReplyBytes === 0) return;
    this.heldReplyBytes -= heldReplyBytes;
    // Nobody would read the replies of calls that waited on a connection that is gone.
    if (this.#session.destroyed) return;
    while (this.#waiting.length > 0 && !this.mustWait()) this.#waiting.shift()?.run();
  }

  /** Notes that the client has reset a stream. */
  countReset(): void {
    this.#resetCount++;
    if (this.#resetCount > RESETS_BEFORE_END && this.#isRetired) this.#endFlood();
    else if (!this.#resets.tryTake(this.#context.calls.nowMs)) this.#retire();
  }

  /** True while the client has to take replies before it gets more. */
  mustWait(): boolean {
    return this.heldReplyBytes >= this.#context.limits.maxUnreadReplyBytes;
  }

  /** Lets a call wait for {@link mustWait} to end. */
  wait(call: WaitingCall): void {
    this.#waiting.push(call);
  }

  /**
   * Looks at the clock: ends the connection if it is mute, idle, retired or dead.
   *
   * @param isCrowded - whether there are so many that a dead one must not stay for long
   */
  check(nowMs: number, isCrowded: boolean): void {
    this.#silentMs(nowMs);
    const { handshakeTimeoutMs, maxConnectionIdleMs } = this.#context.limits;
    if (!this.#hasSpoken) {
      if (nowMs - this.activeMs >= handshakeTimeoutMs) this.#session.destroy();
      return;
    }
    if (this.#isRetired || this.idleMs(nowMs) >= maxConnectionIdleMs) this.close();
    this.#checkAlive(nowMs, isCrowded);
  }

  /** Takes no more calls, and ends when those that have begun are answered. */
  close(): void {
    if (!this.#session.closed && !this.#session.destroyed) this.#session.close();
  }

  /** Ends at once. */
  destroy(): void {
    this.#session.destroy();
  }

  /**
   * Asks the client to use another connection from now on. Calls that it starts
   * before it has read that are still served; the next look at the clock closes.
   */
  #retire(): void {
    if (this.#isRetired || this.#session.closed || this.#session.destroyed) return;
    this.#isRetired = true;
    this.#session.goaway(constants.NGHTTP2_NO_ERROR, MAX_STREAM_ID);
  }

  /**
   * Asks a quiet client for a sign of life, and ends the connection when none comes.
   * Node stops reading from a client that has broken the protocol, and so never
   * notices that it hangs up.
   */
  #checkAlive(nowMs: number, isCrowded: boolean): void {
    const { limits } = this.#context;
    const haste = isCrowded ? CROWDED_HASTE : 1;
    const keepaliveIntervalMs = limits.keepaliveIntervalMs * haste;
    const keepaliveTimeoutMs = limits.keepaliveTimeoutMs * haste;
    if (this.#session.destroyed) return;
    if (this.#askedMs !== undefined) {
      if (nowMs - this.#askedMs >= keepaliveTimeoutMs) this.#session.destroy();
    } else if (nowMs - Math.max(this.activeMs, this.#aliveMs) >= keepaliveIntervalMs) {
      this.#askedMs = nowMs;
      this.#session.ping((error: Error | null) => {
        if (error !== null) {
          // It cannot even be sent: HTTP/2 has given up on this client.
          this.#session.destroy();
          return;
        }
        this.#askedMs = undefined;
        this.#aliveMs = this.#context.calls.nowMs;
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

/** As the last stream to be served: all of them. */
const MAX_STREAM_ID = 2 ** 31 - 1;
