import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import { promisify } from "node:util";

/** A bun that can compile. */
export interface Bun {
  readonly path: string;
  readonly version: string;
}

/** Older ones lack options that the compilation needs. */
const OLDEST_VERSION = "1.4.0";

/**
 * Finds the bun to compile with: the one that the package's lock file pins, which
 * is the one its tests ran with, when it is installed; otherwise the one that runs
 * this process, or whose `bun run` started it. Nothing is looked up on PATH, where
 * the host need not have a bun.
 *
 * @param root - directory of the package that is built
 * @throws Error saying what to do, when there is none or only an old one
 */
export async function findBun(root: string): Promise<Bun> {
  const candidates = [lockedBun(root), runningBun()].filter((path) => path !== undefined);
  let old: Bun | undefined;
  for (const path of candidates) {
    const version = await versionOf(path);
    if (version === undefined) continue;
    if (isAtLeast(version, OLDEST_VERSION)) return { path, version };
    old ??= { path, version };
  }
  const problem =
    old === undefined ? "no bun to compile with" : `bun ${old.version} at ${old.path} is too old`;
  throw new Error(`${problem}: install bun ${OLDEST_VERSION} or later, or run npm ci in ${root}`);
}

function lockedBun(root: string): string | undefined {
  try {
    const require = createRequire(join(root, "package.json"));
    // Its package calls it so on every system.
    const path = require.resolve("bun/bin/bun.exe");
    return existsSync(path) ? path : undefined;
  } catch {
    return undefined;
  }
}

function runningBun(): string | undefined {
  if (process.versions["bun"] !== undefined) return process.execPath;
  const starter = process.env["npm_execpath"];
  return starter !== undefined && basename(starter).startsWith("bun") ? starter : undefined;
}

/** Undefined for a program that does not run, such as the stub of a bun for another platform. */
async function versionOf(path: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(path, ["--version"]);
    return /^\d+\.\d+\.\d+/.exec(stdout)?.[0];
  } catch {
    return undefined;
  }
}

function isAtLeast(version: string, least: string): boolean {
  return version.localeCompare(least, "en", { numeric: true }) >= 0;
}
