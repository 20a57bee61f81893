import type { ServerOptions } from "node:http2";
import type { ServerLimits } from "./limits/server-limits.js";

/** Bytes that a client may send on one stream before they are read. */
const STREAM_WINDOW_BYTES = 1_048_576;

const MEGABYTE = 1_000_000;

/** Node 22.11 and later know these; the floor is older, and so are its types. */
interface ResetOptions {
  readonly streamResetBurst: number;
  readonly streamResetRate: number;
}

/** Those of a server's limits that HTTP/2 itself keeps. */
export function http2Options(limits: ServerLimits): ServerOptions & ResetOptions {
  return {
    // A client that cancels calls is retired, see connection.ts; HTTP/2's own limit
    // would break off its other calls. Still far below what a flood sends in 5 s.
    streamResetBurst: 20_000,
    streamResetRate: 1_000,
    settings: {
      maxConcurrentStreams: limits.maxConcurrentStreams,
      maxHeaderListSize: limits.maxHeaderBytes,
      initialWindowSize: STREAM_WINDOW_BYTES,
    },
    // Must have room for the replies that a connection may leave lying: beyond it,
    // Node resets new streams without a word.
    maxSessionMemory: Math.ceil((limits.maxUnreadReplyBytes / MEGABYTE) * 2) + 16,
    // Frames that nobody asked for (an empty DATA, for a stream that is gone) end the session.
    maxSessionInvalidFrames: 1_000,
  };
}
