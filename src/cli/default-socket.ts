import { accessSync, constants, existsSync, lstatSync, mkdirSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { PROGRAM_NAME } from "./program-name.js";

/**
 * The socket of a server that was not told where to listen. The same at every
 * start, so that a shell's GESTALT_CACHE_SOCKET survives a restart. It lies in a
 * directory of our own, made here with mode 0700: under `$XDG_RUNTIME_DIR` where
 * that is usable, else under the temporary directory.
 *
 * @throws Error when the directory is there and others could get into it
 */
export function createDefaultSocketPath(
  env: Readonly<Record<string, string | undefined>>,
  temporaryDirectory = tmpdir(),
): string {
  const [directory = ""] = candidates(env, temporaryDirectory);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  assertPrivate(directory);
  return join(directory, SOCKET_NAME);
}

/**
 * The socket of a server that was not told where to listen, for its clients. The server
 * may have seen another XDG_RUNTIME_DIR, as before su or in a container, so each place
 * is looked at in turn.
 *
 * @returns undefined when there is none
 * @throws Error when it lies in a directory that others could get into
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

/** The private directories in which a server may put its socket, the preferred one first. */
function candidates(
  env: Readonly<Record<string, string | undefined>>,
  temporaryDirectory: string,
): readonly string[] {
  const runtimeDirectory = env["XDG_RUNTIME_DIR"];
  // The temporary directory is everybody's: the user's id keeps users apart.
  const temporary = resolve(temporaryDirectory, `${PROGRAM_NAME}-${userId()}`);
  return runtimeDirectory !== undefined && isUsable(runtimeDirectory)
    ? [join(runtimeDirectory, PROGRAM_NAME), temporary]
    : [temporary];
}

/** The variable often names a directory that is not there: su, containers, cron. */
function isUsable(directory: string): boolean {
  if (!isAbsolute(directory)) return false;
  try {
    accessSync(directory, constants.W_OK | constants.X_OK);
    return statSync(directory).isDirectory();
  } catch {
    return false;
  }
}

/** In a directory that everybody can write to, somebody else may have come first. */
function assertPrivate(directory: string): void {
  const found = lstatSync(directory);
  const isPrivate = found.isDirectory() && found.uid === userId() && (found.mode & 0o077) === 0;
  if (!isPrivate) {
    throw new Error(
      `${directory} is not a directory that only you can use; ` +
        "remove it, or choose a socket with --listen unix:///path",
    );
  }
}

/** Of every user: `userInfo` fails for one without an entry in the user database. */
function userId(): number | undefined {
  return process.geteuid?.();
}
