import { constants, type ServerHttp2Stream } from "node:http2";
import { setImmediate } from "node:timers";

/** Streams that the server has reset, or answered before their requests had ended. */
const endedByServer = new WeakSet<ServerHttp2Stream>();

/** Resets a stream, unless it has ended; the client is not held to account for it. */
export function resetStream(
  stream: ServerHttp2Stream,
  code: number = constants.NGHTTP2_CANCEL,
): void {
  excuseReset(stream);
  if (!stream.closed && !stream.destroyed) stream.close(code);
}

/**
 * Tells the client to stop sending: the answer is complete, the rest is not wanted.
 * In a moment, since a reset that is asked for while the session reads goes out
 * before the answer (Node 22.23), and the client never gets that.
 */
export function stopReading(stream: ServerHttp2Stream): void {
  excuseReset(stream);
  setImmediate(() => resetStream(stream, constants.NGHTTP2_NO_ERROR));
}

/**
 * Notes that a request is answered before it has ended: a client may well reset the
 * stream instead of sending the rest.
 */
export function excuseReset(stream: ServerHttp2Stream): void {
  endedByServer.add(stream);
}

/** True for a closed stream that the client has reset, or left without an answer. */
export function isResetByClient(stream: ServerHttp2Stream): boolean {
  return (stream.rstCode !== 0 || !stream.headersSent) && !endedByServer.has(stream);
}
