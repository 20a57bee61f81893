import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { declaredTarget } from "./declared-target.js";
import { findOutputPath } from "./find-output-path.js";
import { parseProviderTarget, type ProviderTarget } from "./provider-target.js";
import {
  bunTarget,
  currentPlatform,
  formatPlatform,
  parseLibc,
  parsePlatform,
  type TargetPlatform,
} from "./target-platform.js";

/** An executable that a host asks for. */
export interface BuildRequest {
  /** Directory of the package. */
  readonly root: string;
  readonly target: ProviderTarget;
  /** Absolute path of the executable. */
  readonly outputPath: string;
  /** Bun's name for the platform; unset for the one that the bun in use runs on. */
  readonly bunTarget?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

const USAGE = "ROOT TARGET OUTPUT NAME GOOS GOARCH";

/** Where hosts look for a manifest, in this order, and the one for newer hosts beside it. */
const MANIFEST_FILES = ["manifest.json", "manifest.yaml", "manifest.yml", "manifest.v8.yaml"];

/**
 * Reads what a host asks for.
 *
 * Hosts before 23 June 2026 pass six arguments: ROOT TARGET OUTPUT NAME GOOS GOARCH. Later
 * hosts pass none: they run the build command of the manifest in the package's
 * directory, describe the platform by GESTALT_TARGET_OS and GESTALT_TARGET_ARCH (or
 * GOOS and GOARCH), and expect the executable at `.gestaltd/bin/<name>`.
 *
 * GESTALT_TARGET_LIBC, `glibc` or `musl`, chooses the C library on Linux. Without it,
 * later hosts get musl; earlier ones get the C library of this machine for its own
 * platform and glibc for another one.
 *
 * @param cwd - the directory of the package when there are no arguments
 * @throws Error saying what is wrong with the arguments or the package
 */
export function readBuildRequest(
  args: readonly string[],
  env: Environment,
  cwd: string,
): BuildRequest {
  return args.length === 0 ? requestFromPackage(cwd, env) : requestFromArguments(args, env);
}

function requestFromArguments(args: readonly string[], env: Environment): BuildRequest {
  const [root, target, output, name, os, arch, ...rest] = args;
  if (!root || !target || !output || !name || !os || !arch || rest.length > 0) {
    throw new Error(`expected six arguments: ${USAGE} (got ${args.length}), or none`);
  }
  const platform = parsePlatform(`${os}/${arch}`);
  const libc = trimmed(env["GESTALT_TARGET_LIBC"]);
  const isNative = formatPlatform(platform) === formatPlatform(currentPlatform());
  return {
    root,
    target: parseProviderTarget(target),
    outputPath: findOutputPath(output, root),
    ...(isNative && libc === undefined
      ? {}
      : { bunTarget: bunTarget(platform, parseLibc(libc ?? "glibc")) }),
  };
}

function requestFromPackage(root: string, env: Environment): BuildRequest {
  const libc = parseLibc(trimmed(env["GESTALT_TARGET_LIBC"]) ?? "musl");
  return {
    root,
    target: declaredTarget(root),
    outputPath: join(root, ".gestaltd/bin", declaredName(root)),
    bunTarget: bunTarget(platformFromEnvironment(env), libc),
  };
}

function platformFromEnvironment(env: Environment): TargetPlatform {
  const platform = trimmed(env["GESTALT_TARGET_PLATFORM"]);
  if (platform !== undefined) return parsePlatform(platform);
  const own = currentPlatform();
  const os = trimmed(env["GESTALT_TARGET_OS"]) ?? trimmed(env["GOOS"]) ?? own.os;
  const arch = trimmed(env["GESTALT_TARGET_ARCH"]) ?? trimmed(env["GOARCH"]) ?? own.arch;
  return parsePlatform(`${os}/${arch}`);
}

/** The last segment of the manifest's source, by which the host finds the executable. */
function declaredName(root: string): string {
  const file = MANIFEST_FILES.find((each) => existsSync(join(root, each)));
  if (file === undefined) {
    throw new Error(`no manifest in ${root} (looked for ${MANIFEST_FILES.join(", ")})`);
  }
  const manifest: unknown = parse(readFileSync(join(root, file), "utf8"));
  const { source } = (manifest ?? {}) as { source?: unknown };
  const name = typeof source === "string" ? source.slice(source.lastIndexOf("/") + 1) : "";
  if (!/^[a-z0-9][a-z0-9._-]*$/.test(name)) {
    throw new Error(`${file} has no source such as github.com/OWNER/REPO/NAME`);
  }
  return name;
}

function trimmed(text: string | undefined): string | undefined {
  return text?.trim() || undefined;
}
