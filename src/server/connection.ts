import type { ServerHttp2Session } from "node:http2";
import type { Traffic } from "./dispatch.js";
import type { UnaryCall } from "./unary-call.js";

/** What a server knows of one client connection. */
export class Connection {
  /** Calls that have begun and whose streams are not gone. */
  openCalls = 0;
  /** Bytes of replies that the client has not taken yet. */
  heldReplyBytes = 0;
  /** Calls that wait until it has. */
  readonly waiting: UnaryCall[] = [];

  constructor(
    readonly session: ServerHttp2Session,
    private readonly traffic: Traffic,
  ) {}

  /** True while the client has to take replies before it gets more. */
  mustWait(): boolean {
    return this.heldReplyBytes >= this.traffic.limits.connectionReplyBytes;
  }

  /** Notes that a call's stream is gone, and lets waiting calls go on. */
  callClosed(replyBytes: number, isReset: boolean): void {
    this.openCalls--;
    if (isReset) this.countReset();
    if (replyBytes === 0) return;
    this.heldReplyBytes -= replyBytes;
    while (this.waiting.length > 0 && !this.mustWait()) this.waiting.shift()?.run();
  }

  private countReset(): void {}
}
