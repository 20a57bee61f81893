import { lstat, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** The prefix of the directories' names. It is short, since socket paths are limited. */
const NAME_PREFIX = "gestalt-caches-";

/** The age in milliseconds at which a directory without sockets counts as abandoned. */
const UNUSED_AFTER_MS = 60 * 60 * 1000;

/** The longest path of the parent, in bytes, that leaves room for a socket's path. */
const MAX_PARENT_BYTES = 64;

/**
 * Creates a directory for sockets that only this user can enter.
 *
 * @param parent - default: the system's temporary directory
 */
export function createSocketDirectory(parent = defaultParent()): Promise<string> {
  return mkdtemp(join(parent, NAME_PREFIX));
}

/** Removes a directory with its sockets. Does nothing if it does not exist. */
export function removeSocketDirectory(directory: string): Promise<void> {
  return rm(directory, { recursive: true, force: true });
}

/**
 * Removes the directories of killed processes: those of this user in which no socket has a
 * listener. Process ids would not do, since containers that share the directory do not share
 * them.
 */
export async function sweepSocketDirectories(parent = defaultParent()): Promise<void> {
  for (const name of await readdir(parent).catch(() => [])) {
    if (!name.startsWith(NAME_PREFIX)) continue;
    const directory = join(parent, name);
    // Other processes sweep at the same time, and directories of other users cannot be removed.
    if (await isAbandoned(directory).catch(() => false)) {
      await removeSocketDirectory(directory).catch(() => {});
    }
  }
}

/**
 * TMPDIR may be relative, which names another directory in another process, or too deep for the
 * path of a socket.
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

/** Returns true only for a socket on which the system refuses connections. */
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
