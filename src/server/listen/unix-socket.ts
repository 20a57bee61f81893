import {
  chmodSync,
  linkSync,
  lstatSync,
  renameSync,
  statSync,
  unlinkSync,
  type Stats,
} from "node:fs";
import { connect, type Server } from "node:net";
import { basename, dirname, join } from "node:path";
import { LISTEN_BACKLOG } from "./backlog.js";
import { ListenError, systemErrorCode } from "./listen-error.js";

/** A socket file that belongs to this server. */
export interface ClaimedSocket {
  /**
   * Removes the file, unless another server has replaced it. It must be called while the server
   * listens, so that no other file has the same inode number.
   */
  readonly release: () => void;
}

/**
 * The longest path, in bytes, that fits the `sockaddr_un` of every system; macOS has the
 * smallest. Node 20 truncates a longer path without an error.
 */
const MAX_PATH_BYTES = 103;

/** The time in milliseconds after which an existing socket that does not respond is in use. */
const PROBE_MS = 1_000;

/**
 * Makes `server` listen at `path`. The file appears only when the server accepts connections,
 * since a refused connection costs the host a second. Its mode is 0600 from the beginning. A
 * socket without a listener is replaced.
 *
 * @throws ListenError when another server listens there, another kind of file exists there, the
 *   directory does not exist, or the path is too long
 */
export async function listenOnUnixSocket(server: Server, path: string): Promise<ClaimedSocket> {
  assertPathLength(path);
  assertDirectory(path);
  await removeStaleSocket(path);
  const bindPath = bindPathFor(path);
  await bind(server, bindPath, path);
  try {
    chmodSync(bindPath, 0o600);
    // Before the file has its real name: after that, another server may replace it at once.
    const ours = lstatSync(bindPath);
    if (bindPath !== path) giveName(bindPath, path);
    return {
      release: () => {
        if (isSameFile(ours, statOrUndefined(path))) unlinkIfThere(path);
      },
    };
  } catch (error) {
    server.close();
    unlinkIfThere(bindPath);
    throw error instanceof ListenError ? error : cannotListen(path, error);
  }
}

function assertPathLength(path: string): void {
  const bytes = Buffer.byteLength(path);
  if (bytes > MAX_PATH_BYTES) {
    throw new ListenError(
      `socket path is ${bytes} bytes long, the limit is ${MAX_PATH_BYTES}: ${path}`,
    );
  }
}

/** `listen` would report a missing directory as a missing permission. */
function assertDirectory(path: string): void {
  const directory = dirname(path);
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() === true) return;
  throw new ListenError(`cannot listen on ${path}: there is no directory ${directory}`);
}

/** Removes a socket without a listener. Throws when something else is at the path. */
async function removeStaleSocket(path: string): Promise<void> {
  const found = statOrUndefined(path);
  if (found === undefined) return;
  if (!found.isSocket()) {
    throw new ListenError(`${path} exists and is not a socket; choose another path or remove it`);
  }
  if (await isAnswered(path)) {
    throw new ListenError(`another server is listening on ${path}`);
  }
  // Another server may have replaced the dead socket meanwhile, and its file may have the same
  // inode number. Only the time distinguishes the two.
  const now = statOrUndefined(path);
  if (now?.ctimeMs === found.ctimeMs && isSameFile(found, now)) unlinkIfThere(path);
}

/** Returns false only when the system refuses the connection. */
function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    const answer = (answered: boolean): void => {
      probe.destroy();
      resolve(answered);
    };
    probe.setTimeout(PROBE_MS, () => answer(true));
    probe.once("connect", () => answer(true));
    probe.once("error", (error) => {
      const code = systemErrorCode(error);
      answer(code !== "ECONNREFUSED" && code !== "ENOENT");
    });
  });
}

/**
 * Returns a temporary name beside `path`. The socket is bound there first: binding and listening
 * are two system calls, and between them a connection is refused.
 */
function bindPathFor(path: string): string {
  const name = `.${Math.random().toString(36).slice(2, 9)}`;
  const bindPath = join(dirname(path), name);
  const fits = Buffer.byteLength(bindPath) <= MAX_PATH_BYTES && name !== basename(path);
  return fits ? bindPath : path;
}

async function bind(server: Server, bindPath: string, path: string): Promise<void> {
  const listening = new Promise<void>((resolve, reject) => {
    server.once("listening", resolve);
    server.once("error", reject);
  });
  const restoreUmask = tightenUmask();
  try {
    server.listen({ path: bindPath, backlog: LISTEN_BACKLOG });
  } finally {
    restoreUmask();
  }
  try {
    await listening;
  } catch (error) {
    throw cannotListen(path, error);
  }
}

/** `listen` creates the socket, so the umask determines its first mode. */
function tightenUmask(): () => void {
  try {
    const before = process.umask(0o177);
    return () => {
      process.umask(before);
    };
  } catch {
    // Worker threads must not change the umask. There, the chmod before the rename is enough.
    return () => {};
  }
}

/** Renames a socket to its real name. It does not replace a file that was created meanwhile. */
function giveName(bindPath: string, path: string): void {
  try {
    linkSync(bindPath, path);
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === "EEXIST") throw new ListenError(`another server is listening on ${path}`);
    // File systems without hard links.
    renameSync(bindPath, path);
    return;
  }
  unlinkIfThere(bindPath);
}

function statOrUndefined(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw cannotListen(path, error);
  }
}

function isSameFile(one: Stats, other: Stats | undefined): boolean {
  return one.ino === other?.ino && one.dev === other.dev;
}

function unlinkIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (systemErrorCode(error) !== "ENOENT") throw error;
  }
}

function cannotListen(path: string, error: unknown): ListenError {
  const code = systemErrorCode(error);
  const denied = code === "EACCES" || code === "EPERM";
  const reason = denied ? "no permission" : error instanceof Error ? error.message : String(error);
  return new ListenError(`cannot listen on ${path}: ${reason}`, { cause: error });
}
