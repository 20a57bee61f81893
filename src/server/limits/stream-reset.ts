import { constants, type ServerHttp2Stream } from "node:http2";
import { setImmediate } from "node:timers";

/** Streams that the server has reset, or answered before their requests had ended. */
const endedByServer = new WeakSet<ServerHttp2Stream>();

/** Resets a stream, unless it has ended. The reset does not count against the client. */
export function resetStream(
  stream: ServerHttp2Stream,
  code: number = constants.NGHTTP2_CANCEL,
): void {
  excuseReset(stream);
  if (!stream.closed && !stream.destroyed) stream.close(code);
}

/**
 * Asks the client to stop sending, since the reply is complete. The reset is deferred: one that
 * is submitted while the session reads overtakes the reply (Node 22.23), which is then lost.
 */
export function stopReading(stream: ServerHttp2Stream): void {
  excuseReset(stream);
  setImmediate(() => resetStream(stream, constants.NGHTTP2_NO_ERROR));
}

/**
 * Marks a stream whose reply is complete before its request is. The client may reset it instead
 * of sending the rest, and that does not count against the client.
 */
export function excuseReset(stream: ServerHttp2Stream): void {
  endedByServer.add(stream);
}

/** Returns true for a closed stream that the client has reset before the reply was complete. */
export function isResetByClient(stream: ServerHttp2Stream): boolean {
  return (stream.rstCode !== 0 || !stream.headersSent) && !endedByServer.has(stream);
}
