import type { ServerHttp2Session } from "node:http2";
import { setImmediate } from "node:timers";

/**
 * From now on a session that is to be destroyed, by us or by Node itself, is
 * destroyed when what has been read of its client is processed.
 *
 * Node destroys a session while it reads, for instance at a client's GOAWAY. With
 * nghttp2 before 1.68.1, which all of Node 20 has, a frame of a wrong size that
 * comes in the same packet then aborts the whole process (CVE-2026-27135).
 */
export function destroyAfterReading(session: ServerHttp2Session): void {
  const destroy = session.destroy.bind(session);
  session.destroy = (error, code) => void setImmediate(() => destroy(error, code));
}
