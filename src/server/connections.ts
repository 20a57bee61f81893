import type { Http2Session, ServerHttp2Session, ServerHttp2Stream } from "node:http2";
import type { Socket } from "node:net";
import { Connection } from "./connection.js";
import { destroyAfterReading } from "./destroy-after-reading.js";
import type { Traffic } from "./dispatch.js";

/**
 * Bytes that a client may send on all its streams before they are read. With
 * HTTP/2's own 64 KiB large values wait for permission most of the time.
 */
const CONNECTION_WINDOW_BYTES = 4 * 1_048_576;

/** How long a destroyed session has to get its last frames out, in milliseconds. */
const LAST_WORDS_MS = 20;

/**
 * The connections of one server. Looks at the clock for all of them and for all
 * calls, as long as there are any: an idle server has no timer.
 */
export class Connections {
  private readonly bySession = new Map<Http2Session, Connection>();
  private readonly sockets = new Map<Socket, Http2Session | undefined>();
  private newest: Http2Session | undefined;
  private sweeper: NodeJS.Timeout | undefined;

  constructor(private readonly traffic: Traffic) {}

  /** How many there are. */
  get size(): number {
    return this.bySession.size;
  }

  /** Follows the socket of the session that was added last: it may outlive it. */
  addSocket(socket: Socket): void {
    this.sockets.set(socket, this.newest);
    this.newest = undefined;
    socket.once("close", () => this.sockets.delete(socket));
  }

  /** Follows a session until it ends; ends another one, or this, if there are too many. */
  add(session: ServerHttp2Session): void {
    // A client that breaks the protocol has ended its own session; nobody else is concerned.
    session.on("error", ignore);
    destroyAfterReading(session);
    if (this.bySession.size >= this.traffic.limits.maxConnections && !this.makeRoom()) {
      session.destroy();
      return;
    }
    // Bun 1.4 stops reading large requests when the window is changed.
    if (process.versions["bun"] === undefined) session.setLocalWindowSize(CONNECTION_WINDOW_BYTES);
    this.startSweeping();
    this.newest = session;
    this.bySession.set(session, new Connection(session, this.traffic));
    session.once("close", () => {
      this.bySession.delete(session);
      if (this.bySession.size === 0) this.stopSweeping();
    });
  }

  /** The connection that a stream belongs to; undefined when it is already gone. */
  of(stream: ServerHttp2Stream): Connection | undefined {
    const { session } = stream;
    return session === undefined ? undefined : this.bySession.get(session);
  }

  /** Lets every connection end as soon as its last call has been answered. */
  closeAll(): void {
    for (const connection of this.bySession.values()) connection.close();
  }

  /** Ends every connection now. */
  destroyAll(): void {
    for (const connection of this.bySession.values()) connection.destroy();
    setTimeout(() => {
      for (const socket of this.sockets.keys()) socket.destroy();
    }, LAST_WORDS_MS);
  }

  /** Ends the connection that has been idle the longest; false when none is idle. */
  private makeRoom(): boolean {
    const { nowMs } = this.traffic.calls;
    let victim: Http2Session | undefined;
    let longestMs = 0;
    for (const [session, connection] of this.bySession) {
      const idleMs = connection.idleMs(nowMs);
      if (connection.openCalls > 0 || (victim !== undefined && idleMs <= longestMs)) continue;
      victim = session;
      longestMs = idleMs;
    }
    if (victim === undefined) return false;
    // At once: it takes a moment to close, and more connections may come meanwhile.
    this.bySession.delete(victim);
    victim.destroy();
    return true;
  }

  private startSweeping(): void {
    if (this.sweeper !== undefined) return;
    this.traffic.calls.sweep();
    this.sweeper = setInterval(() => {
      this.traffic.calls.sweep();
      for (const connection of this.bySession.values()) connection.check(this.traffic.calls.nowMs);
      this.destroyLeftSockets();
    }, this.traffic.limits.sweepMs);
    this.sweeper.unref();
  }

  /**
   * A session that was told to close leaves its socket to the client, which may
   * never read what is waiting there, nor hang up.
   */
  private destroyLeftSockets(): void {
    for (const [socket, session] of this.sockets) if (session?.destroyed) socket.destroy();
  }

  private stopSweeping(): void {
    clearInterval(this.sweeper);
    this.sweeper = undefined;
  }
}

function ignore(): void {}
