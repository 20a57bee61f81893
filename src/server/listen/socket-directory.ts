import { lstat, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** What the names of our directories begin with. Short: a socket's path is limited. */
const NAME_PREFIX = "gestalt-caches-";

/** A directory without any socket may be about to get one, unless it is this old. */
const UNUSED_AFTER_MS = 60 * 60 * 1000;

/** Longest name of a parent, in bytes, that leaves room for a socket's whole path. */
const MAX_PARENT_BYTES = 64;

/**
 * Makes a directory that only this user can enter, for the sockets of one start.
 *
 * @param parent - where to make it; by default the system's temporary directory
 */
export function createSocketDirectory(parent = defaultParent()): Promise<string> {
  return mkdtemp(join(parent, NAME_PREFIX));
}

/** Removes a directory with all its sockets; nothing happens when it is not there. */
export function removeSocketDirectory(directory: string): Promise<void> {
  return rm(directory, { recursive: true, force: true });
}

/**
 * Removes what processes left behind that were killed: directories of this user
 * in which no socket is answered any more. Sockets tell it better than process
 * ids, which other containers that share the directory do not see.
 */
export async function sweepSocketDirectories(parent = defaultParent()): Promise<void> {
  for (const name of await readdir(parent).catch(() => [])) {
    if (!name.startsWith(NAME_PREFIX)) continue;
    const directory = join(parent, name);
    // Others sweep at the same time, and what is not ours cannot be removed anyway.
    if (await isAbandoned(directory).catch(() => false)) {
      await removeSocketDirectory(directory).catch(() => {});
    }
  }
}

/**
 * TMPDIR may be relative, which means another directory to others, or deep inside somebody's
 * build tree, too deep for a socket.
 */
function defaultParent(): string {
  const directory = resolve(tmpdir());
  return Buffer.byteLength(directory) > MAX_PARENT_BYTES ? "/tmp" : directory;
}

async function isAbandoned(directory: string): Promise<boolean> {
  const found = await stat(directory);
  if (!found.isDirectory() || found.uid !== process.geteuid?.()) return false;
  const names = await readdir(directory);
  if (names.length === 0) return Date.now() - found.mtimeMs > UNUSED_AFTER_MS;
  const sockets = names.map((name) => join(directory, name));
  const refused = await Promise.all(sockets.map(isRefused));
  return refused.every(Boolean);
}

/** True only for a socket of which the system says that nobody listens on it. */
async function isRefused(path: string): Promise<boolean> {
  // Other files refuse connections as well.
  if (!(await lstat(path)).isSocket()) return false;
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.once("connect", () => {
      probe.destroy();
      resolve(false);
    });
    probe.once("error", (error: NodeJS.ErrnoException) => resolve(error.code === "ECONNREFUSED"));
  });
}
