/**
 * What the host runs to make a provider's executable:
 * `bun run --cwd ROOT gestalt-ts-build -- ROOT TARGET OUTPUT NAME GOOS GOARCH`.
 *
 * GESTALT_TARGET_LIBC, which newer hosts set, chooses the C library on Linux:
 * `glibc` or `musl`. Without it an executable for this machine's own platform uses
 * this machine's, and one for another machine uses glibc.
 */
import { realpath } from "node:fs/promises";
import { compileExecutable } from "./compile-executable.js";
import { executableEntry } from "./executable-entry.js";
import { findBun } from "./find-bun.js";
import { parseProviderTarget } from "./provider-target.js";
import {
  bunTarget,
  currentPlatform,
  formatPlatform,
  parseLibc,
  parsePlatform,
} from "./target-platform.js";

const PROGRAM = "gestalt-ts-build";
const USAGE = "ROOT TARGET OUTPUT NAME GOOS GOARCH";

async function build(args: readonly string[]): Promise<void> {
  const [rootArgument, target, outputPath, name, os, arch, ...rest] = args;
  if (!rootArgument || !target || !outputPath || !name || !os || !arch || rest.length > 0) {
    throw new Error(`expected six arguments: ${USAGE} (got ${args.length})`);
  }
  const platform = parsePlatform(`${os}/${arch}`);
  const libc = process.env["GESTALT_TARGET_LIBC"]?.trim();
  const isNative = formatPlatform(platform) === formatPlatform(currentPlatform());
  const root = await realpath(rootArgument);
  const entry = await executableEntry(root, parseProviderTarget(target));
  await compileExecutable({
    bun: await findBun(root),
    root,
    entry,
    outputPath,
    ...(isNative && !libc ? {} : { target: bunTarget(platform, libc ? parseLibc(libc) : "glibc") }),
  });
}

build(process.argv.slice(2)).catch((error: unknown) => {
  console.error(`${PROGRAM}: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
