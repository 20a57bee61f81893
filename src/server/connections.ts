import type { Http2Session, ServerHttp2Session, ServerHttp2Stream } from "node:http2";
import { Connection } from "./connection.js";
import type { Traffic } from "./dispatch.js";

/** The connections of one server. */
export class Connections {
  private readonly bySession = new Map<Http2Session, Connection>();

  constructor(private readonly traffic: Traffic) {}

  /** Follows a session until it ends. */
  add(session: ServerHttp2Session): void {
    this.bySession.set(session, new Connection(session, this.traffic));
    session.once("close", () => this.bySession.delete(session));
    // A client that breaks the protocol has ended its own session; nobody else is concerned.
    session.on("error", () => {});
  }

  /** The connection that a stream belongs to; undefined when it is already gone. */
  of(stream: ServerHttp2Stream): Connection | undefined {
    const { session } = stream;
    return session === undefined ? undefined : this.bySession.get(session);
  }

  /** Lets every connection end as soon as its last call has been answered. */
  closeAll(): void {
    for (const session of this.bySession.keys()) session.close();
  }

  /** Ends every connection now. */
  destroyAll(): void {
    for (const session of this.bySession.keys()) session.destroy();
  }
}
