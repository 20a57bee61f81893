import { accessSync, constants, existsSync, lstatSync, mkdirSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { PROGRAM_NAME } from "./program-name.js";

/**
 * The default socket of `serve`. Its path is the same at every start, so that a shell's
 * GESTALT_CACHE_SOCKET stays valid after a restart. It lies in a private directory, created here
 * with mode 0700: under `$XDG_RUNTIME_DIR` if that is usable, otherwise under the temporary
 * directory.
 *
 * @throws Error when the directory exists and other users can access it, and when it cannot be
 *   created
 */
export function createDefaultSocketPath(
  env: Readonly<Record<string, string | undefined>>,
  temporaryDirectory = tmpdir(),
): string {
  const [directory = ""] = candidates(env, temporaryDirectory);
  createDirectory(directory);
  assertPrivate(directory);
  return join(directory, SOCKET_NAME);
}

/**
 * Finds the default socket of a running `serve`, for its clients. The server may have had another
 * XDG_RUNTIME_DIR, as after su or in a container, so each possible directory is checked.
 *
 * @returns undefined when there is no socket
 * @throws Error when the socket lies in a directory that other users can access
 */
export function findDefaultSocketPath(
  env: Readonly<Record<string, string | undefined>>,
  temporaryDirectory = tmpdir(),
): string | undefined {
  for (const directory of candidates(env, temporaryDirectory)) {
    const path = join(directory, SOCKET_NAME);
    if (!existsSync(path)) continue;
    assertPrivate(directory);
    return path;
  }
  return undefined;
}

const SOCKET_NAME = "cache.sock";

/** The possible directories of the socket, the preferred one first. */
function candidates(
  env: Readonly<Record<string, string | undefined>>,
  temporaryDirectory: string,
): readonly string[] {
  const runtimeDirectory = env["XDG_RUNTIME_DIR"];
  // All users share the temporary directory, so the name contains the user's id.
  const temporary = resolve(temporaryDirectory, `${PROGRAM_NAME}-${userId()}`);
  return runtimeDirectory !== undefined && isUsable(runtimeDirectory)
    ? [join(runtimeDirectory, PROGRAM_NAME), temporary]
    : [temporary];
}

/** XDG_RUNTIME_DIR often names a directory that does not exist: after su, in containers, in cron. */
function isUsable(directory: string): boolean {
  if (!isAbsolute(directory)) return false;
  try {
    accessSync(directory, constants.W_OK | constants.X_OK);
    return statSync(directory).isDirectory();
  } catch {
    return false;
  }
}

/** Not with its parents: a TMPDIR that is not UTF-8 has another name here, and would be created. */
function createDirectory(directory: string): void {
  try {
    mkdirSync(directory, { mode: 0o700 });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return;
    const reason = code === "ENOENT" ? `there is no directory ${dirname(directory)}` : message;
    throw new Error(
      `cannot create ${directory}: ${reason}; set TMPDIR to a directory that you can write to, ` +
        "or choose a socket with --listen unix:///path",
      { cause: error },
    );
  }
}

/** Another user may have created the directory, if all users can write to its parent. */
function assertPrivate(directory: string): void {
  const found = lstatSync(directory);
  const isPrivate = found.isDirectory() && found.uid === userId() && (found.mode & 0o077) === 0;
  if (!isPrivate) {
    throw new Error(
      `${directory} must be a directory that only you can access; ` +
        "remove it, or choose a socket with --listen unix:///path",
    );
  }
}

/** Not `os.userInfo`, which fails for a user without an entry in the user database. */
function userId(): number | undefined {
  return process.geteuid?.();
}
