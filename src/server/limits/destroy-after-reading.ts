import type { ServerHttp2Session } from "node:http2";
import { setImmediate } from "node:timers";

/**
 * Defers the destruction of a session, by us or by Node itself, until the bytes that have been
 * read from its client are processed.
 *
 * Node destroys a session while it reads, for instance at a client's GOAWAY. With
 * nghttp2 before 1.68.1, which all of Node 20 has, a frame of a wrong size that
 * arrives in the same packet then aborts the whole process (CVE-2026-27135).
 */
export function destroyAfterReading(session: ServerHttp2Session): void {
  const destroy = session.destroy.bind(session);
  session.destroy = (error, code) => void setImmediate(() => destroy(error, code));
}
