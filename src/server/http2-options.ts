import type { ServerOptions } from "node:http2";
import type { ServerLimits } from "./limits/server-limits.js";

/** The bytes that a client may send on one stream before the server reads them. */
const STREAM_WINDOW_BYTES = 1_048_576;

const MEGABYTE = 1_000_000;

/** The largest number in a setting of HTTP/2. Node keeps its own limits in as many bits. */
const MAX_UINT32 = 2 ** 32 - 1;

/** Options of Node 22.11 and later. The types are those of the oldest supported version. */
interface ResetOptions {
  readonly streamResetBurst: number;
  readonly streamResetRate: number;
}

/** Returns the options for the limits that HTTP/2 enforces itself. */
export function http2Options(limits: ServerLimits): ServerOptions & ResetOptions {
  return {
    // The connection of a client that cancels many calls is retired, see http2-connection.ts.
    // HTTP/2's own limit, which breaks off the other calls as well, is for floods only.
    streamResetBurst: 20_000,
    streamResetRate: 1_000,
    settings: {
      maxConcurrentStreams: Math.min(limits.maxConcurrentStreams, MAX_UINT32),
      maxHeaderListSize: Math.min(limits.maxHeaderBytes, MAX_UINT32),
      initialWindowSize: STREAM_WINDOW_BYTES,
    },
    // There must be room for the unread replies of a connection: beyond it, Node resets new
    // streams without an error.
    maxSessionMemory: Math.min(
      Math.ceil((limits.maxUnreadReplyBytes / MEGABYTE) * 2) + 16,
      MAX_UINT32,
    ),
    // More invalid frames, such as DATA for a closed stream, end the session.
    maxSessionInvalidFrames: 1_000,
  };
}
