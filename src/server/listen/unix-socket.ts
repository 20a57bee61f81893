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
import { ListenError, systemErrorCode } from "./listen-error.js";

/** A socket path that is ours until released. */
export interface ClaimedSocket {
  /**
   * Removes the file, unless somebody else has put theirs at the path. To be
   * called while the server still listens: that keeps the inode number taken.
   */
  readonly release: () => void;
}

/**
 * The longest path, in bytes, that fits every system's `sockaddr_un` (macOS has
 * the smallest). Node 20 silently truncates longer ones.
 */
const MAX_PATH_BYTES = 103;

/** How long an existing socket may take to accept before it counts as in use. */
const PROBE_MS = 1_000;

/**
 * Makes `server` listen at `path`. The file appears only when the server already
 * accepts, since a refused connect costs the host a second, and it is never open
 * to others (mode 0600). A socket that nobody answers on is replaced; a live one,
 * any other file and a path that is too long are refused and left alone.
 *
 * @throws ListenError saying which
 */
export async function listenOnUnixSocket(server: Server, path: string): Promise<ClaimedSocket> {
  assertPathLength(path);
  assertDirectory(path);
  await removeStaleSocket(path);
  const bindPath = bindPathFor(path);
  await bind(server, bindPath, path);
  try {
    chmodSync(bindPath, 0o600);
    // Before the real name is known: after that, somebody else may take its place at once.
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

/** Asked first because `listen` reports a missing directory as a missing permission. */
function assertDirectory(path: string): void {
  const directory = dirname(path);
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() === true) return;
  throw new ListenError(`cannot listen on ${path}: there is no directory ${directory}`);
}

/** Leaves `path` free, or throws. */
async function removeStaleSocket(path: string): Promise<void> {
  const found = statOrUndefined(path);
  if (found === undefined) return;
  if (!found.isSocket()) {
    throw new ListenError(`${path} exists and is not a socket; choose another path or remove it`);
  }
  if (await isAnswered(path)) {
    throw new ListenError(`another server is listening on ${path}`);
  }
  // Somebody else may have replaced the dead socket while it was being tried, and
  // theirs may have got the dead one's inode number: only the time tells them apart.
  const now = statOrUndefined(path);
  if (now?.ctimeMs === found.ctimeMs && isSameFile(found, now)) unlinkIfThere(path);
}

/** False only when the system says that nobody listens there. */
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
 * A short-lived name beside `path`, to bind before the real name exists. Binding
 * and listening are two system calls; between them a connect is refused.
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
    server.listen(bindPath);
  } finally {
    restoreUmask();
  }
  try {
    await listening;
  } catch (error) {
    throw cannotListen(path, error);
  }
}

/** The socket is created inside `listen`, so the umask decides its first mode. */
function tightenUmask(): () => void {
  try {
    const before = process.umask(0o177);
    return () => {
      process.umask(before);
    };
  } catch {
    // Not allowed in worker threads; the chmod before the file gets its name does it there.
    return () => {};
  }
}

/** Moves a socket to its real name; never over a file that came in between. */
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
