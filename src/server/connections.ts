import type { Http2Session, ServerHttp2Session, ServerHttp2Stream } from "node:http2";
import { Connection } from "./connection.js";
import type { Traffic } from "./dispatch.js";

/**
 * Bytes that a client may send on all its streams before they are read. With
 * HTTP/2's own 64 KiB large values wait for permission most of the time.
 */
const CONNECTION_WINDOW_BYTES = 4 * 1_048_576;

/**
 * The connections of one server. Looks at the clock for all of them and for all
 * calls, as long as there are any: an idle server has no timer.
 */
export class Connections {
  private readonly bySession = new Map<Http2Session, Connection>();
  private sweeper: NodeJS.Timeout | undefined;

  constructor(private readonly traffic: Traffic) {}

  /** How many there are. */
  get size(): number {
    return this.bySession.size;
  }

  /** Follows a session until it ends; ends another one, or this, if there are too many. */
  add(session: ServerHttp2Session): void {
    // A client that breaks the protocol has ended its own session; nobody else is concerned.
    session.on("error", ignore);
    if (this.bySession.size >= this.traffic.limits.maxConnections && !this.makeRoom()) {
      session.destroy();
      return;
    }
    session.setLocalWindowSize(CONNECTION_WINDOW_BYTES);
    this.startSweeping();
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
  }

  /** Ends the connection that has been idle the longest; false when none is idle. */
  private makeRoom(): boolean {
    const { nowMs } = this.traffic.calls;
    let victim: Connection | undefined;
    let longestMs = 0;
    for (const connection of this.bySession.values()) {
      const idleMs = connection.idleMs(nowMs);
      if (connection.openCalls > 0 || (victim !== undefined && idleMs <= longestMs)) continue;
      victim = connection;
      longestMs = idleMs;
    }
    victim?.destroy();
    return victim !== undefined;
  }

  private startSweeping(): void {
    if (this.sweeper !== undefined) return;
    this.traffic.calls.sweep();
    this.sweeper = setInterval(() => {
      this.traffic.calls.sweep();
      for (const connection of this.bySession.values()) connection.check(this.traffic.calls.nowMs);
    }, this.traffic.limits.sweepMs);
    this.sweeper.unref();
  }

  private stopSweeping(): void {
    clearInterval(this.sweeper);
    this.sweeper = undefined;
  }
}

function ignore(): void {}
