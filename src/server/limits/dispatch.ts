import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import type { ByteBudget } from "./byte-budget.js";
import type { CallRegistry } from "./call-registry.js";
import type { ServerLimits } from "./server-limits.js";

/** Takes one request of a client. */
export type Dispatch = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;

/** What all calls of one server share. */
export interface ServerContext {
  readonly limits: ServerLimits;
  /** Bytes of requests being read and of replies not yet taken. */
  readonly budget: ByteBudget;
  /** Calls that have begun and not ended. */
  readonly calls: CallRegistry;
  /** Takes errors that no client can be told. */
  readonly report: (error: unknown, where: string) => void;
}
