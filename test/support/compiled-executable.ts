import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { currentPlatform } from "../../src/release/build/target-platform.js";

const ROOT = join(import.meta.dirname, "../..");
const CACHE = join(ROOT, "node_modules/.cache/gestalt-cache-memory");
/** The age at which an old executable, of a hundred megabytes, is removed: no run uses it any more. */
const KEPT_MS = 900_000;

/** The bun of the lock file. */
export const LOCKED_BUN = join(ROOT, "node_modules/.bin/bun");

/** The host's command that builds the executable of a package. */
export function buildCommand(root: string, target: string, outputPath: string): string[] {
  const { os, arch } = currentPlatform();
  const args = [root, target, outputPath, "memory", os, arch];
  return [LOCKED_BUN, "run", "--cwd", root, "gestalt-ts-build", "--", ...args];
}

/**
 * The path of this package's executable, built with the host's command. Test files
 * share it until the sources change.
 */
export function compiledExecutable(): string {
  const directory = join(CACHE, contentKey());
  const path = join(directory, "gestalt-plugin-memory");
  if (existsSync(path)) return path;
  removeOldOnes();
  const [program = "", ...args] = buildCommand(ROOT, "cache:./src/provider.ts#provider", path);
  // Another test file may build the same executable, so the rename is atomic.
  execFileSync(program, args, { stdio: "pipe" });
  return path;
}

/** A digest of everything that the executable is built from. */
function contentKey(): string {
  const hash = createHash("sha256");
  const sources = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" });
  for (const file of [
    "scripts/build-page.mjs",
    "package.json",
    "package-lock.json",
    ...sources.map((each) => `src/${each}`),
  ].sort()) {
    const path = join(ROOT, file);
    if (!statSync(path).isFile()) continue;
    hash.update(`${file}\0`).update(readFileSync(path));
  }
  return hash.digest("hex").slice(0, 16);
}

function removeOldOnes(): void {
  mkdirSync(CACHE, { recursive: true });
  for (const name of readdirSync(CACHE)) {
    const directory = join(CACHE, name);
    if (Date.now() - statSync(directory).mtimeMs > KEPT_MS) rmSync(directory, { recursive: true });
  }
}
