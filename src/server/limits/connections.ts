import type { Http2Session, ServerHttp2Session, ServerHttp2Stream } from "node:http2";
import type { Socket } from "node:net";
import { clearInterval, setInterval, setTimeout } from "node:timers";
import { Connection } from "./connection.js";
import { destroyAfterReading } from "./destroy-after-reading.js";
import type { ServerContext } from "./dispatch.js";

/**
 * Bytes that a client may send on all its streams before they are read. With
 * HTTP/2's own 64 KiB large values wait for permission most of the time.
 */
const CONNECTION_WINDOW_BYTES = 4 * 1_048_576;

/** How long a destroyed session has to get its last frames out, in milliseconds. */
const LAST_WORDS_MS = 20;

/**
 * For how long a client with calls under way must have said nothing to be given up for
 * others, in milliseconds.
 */
export const MIN_SILENCE_MS = 1_000;

/** When so much of what may be there is there, the dead have to be found soon. */
const CROWDED_PART = 0.5;

/**
 * The connections of one server. Looks at the clock for all of them and for all
 * calls, as long as there are any: an idle server has no timer.
 */
export class Connections {
  readonly #bySession = new Map<Http2Session, Connection>();
  readonly #sockets = new Map<Socket, Http2Session | undefined>();
  #newest: Http2Session | undefined;
  #sweeper: NodeJS.Timeout | undefined;

  readonly #context: ServerContext;

  constructor(context: ServerContext) {
    this.#context = context;
  }

  /** How many there are. */
  get size(): number {
    return this.#bySession.size;
  }

  /** Follows the socket of the session that was added last: it may outlive it. */
  addSocket(socket: Socket): void {
    const session = this.#newest;
    this.#newest = undefined;
    this.#sockets.set(socket, session);
    if (session !== undefined) this.#bySession.get(session)?.follow(socket);
    socket.once("close", () => {
      this.#sockets.delete(socket);
      this.#stopSweepingIfEmpty();
    });
  }

  /** Follows a session until it ends; ends another one, or this, if there are too many. */
  add(session: ServerHttp2Session): void {
    // A client that breaks the protocol has ended its own session; nobody else is concerned.
    session.on("error", ignore);
    destroyAfterReading(session);
    this.#newest = session;
    this.#startSweeping();
    if (this.#bySession.size >= this.#context.limits.maxConnections && !this.#makeRoom()) {
      session.destroy();
      return;
    }
    // Bun 1.4 stops reading large requests when the window is changed.
    if (process.versions["bun"] === undefined) session.setLocalWindowSize(CONNECTION_WINDOW_BYTES);
    this.#bySession.set(session, new Connection(session, this.#context));
    session.once("close", () => {
      this.#bySession.delete(session);
      this.#stopSweepingIfEmpty();
    });
  }

  /** The connection that a stream belongs to; undefined when it is already gone. */
  of(stream: ServerHttp2Stream): Connection | undefined {
    const { session } = stream;
    return session === undefined ? undefined : this.#bySession.get(session);
  }

  /** Lets every connection end as soon as its last call has been answered. */
  closeAll(): void {
    for (const connection of this.#bySession.values()) connection.close();
  }

  /** Ends every connection now. */
  destroyAll(): void {
    for (const connection of this.#bySession.values()) connection.destroy();
    setTimeout(() => {
      for (const socket of this.#sockets.keys()) socket.destroy();
    }, LAST_WORDS_MS);
  }

  /** Ends a connection to make room for another one; false when all are in use. */
  #makeRoom(): boolean {
    const victim = this.#oldestMute() ?? this.#mostUseless();
    if (victim === undefined) return false;
    // At once: it takes a moment to close, and more connections may come meanwhile.
    this.#bySession.delete(victim);
    victim.destroy();
    return true;
  }

  /** The connection whose client has not spoken HTTP/2 for the longest, and never did. */
  #oldestMute(): Http2Session | undefined {
    for (const [session, { isMute }] of this.#bySession) if (isMute) return session;
    return undefined;
  }

  /**
   * The connection that has been without calls, or whose client has said nothing at all,
   * for the longest; of several the newest, since a flood must not end those that were
   * there before. Undefined when all have calls that have only just begun.
   *
   * Connections with calls count as well: of a client that breaks the protocol in the
   * middle of a call nothing more is heard, and the call seems to be under way until it
   * has timed out.
   */
  #mostUseless(): Http2Session | undefined {
    const { nowMs } = this.#context.calls;
    let victim: Http2Session | undefined;
    let longestMs = 0;
    for (const [session, connection] of this.#bySession) {
      const uselessMs = connection.uselessMs(nowMs);
      const isBusy = connection.openCalls > 0 && uselessMs < MIN_SILENCE_MS;
      if (isBusy || uselessMs < longestMs) continue;
      victim = session;
      longestMs = uselessMs;
    }
    return victim;
  }

  #startSweeping(): void {
    if (this.#sweeper !== undefined) return;
    this.#context.calls.sweep();
    this.#sweeper = setInterval(() => {
      this.#context.calls.sweep();
      const isCrowded = this.#bySession.size > CROWDED_PART * this.#context.limits.maxConnections;
      const { nowMs } = this.#context.calls;
      for (const connection of this.#bySession.values()) connection.check(nowMs, isCrowded);
      this.#destroyLeftSockets();
    }, this.#context.limits.sweepIntervalMs);
    this.#sweeper.unref();
  }

  /**
   * A session that was told to close leaves its socket to the client, which may
   * never read what is waiting there, nor hang up.
   */
  #destroyLeftSockets(): void {
    for (const [socket, session] of this.#sockets) if (session?.destroyed) socket.destroy();
  }

  #stopSweepingIfEmpty(): void {
    if (this.#bySession.size + this.#sockets.size > 0) return;
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }
}

function ignore(): void {}
