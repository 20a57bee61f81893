import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { signMachO } from "../../src/release/build/mach-o-signature.js";
import {
  parsePlatform,
  type ExecutableTarget,
  type Libc,
} from "../../src/release/build/target-platform.js";
import { parseSourceManifest } from "../../src/release/manifest/manifest.js";
import { writeRelease } from "../../src/release/write-release.js";
import { repositoryRoot } from "../support/provider-process.js";
import { tempDirectory } from "../support/temp-directory.js";
import { smallElf } from "./elf.js";
import { smallMachO } from "./mach-o.js";

/** What differs from a good release. */
export interface SmallReleaseOptions {
  readonly platforms?: readonly string[];
  /** By default glibc. */
  readonly libcs?: readonly Libc[];
  readonly executable?: Buffer;
}

/**
 * Writes a complete release of this package whose executables are a few bytes
 * long; it goes when the current test ends.
 *
 * @returns its directory
 */
export async function writeSmallRelease(options: SmallReleaseOptions = {}): Promise<string> {
  const directory = join(tempDirectory(), "release");
  mkdirSync(directory);
  const manifest = parseSourceManifest(readFileSync(join(repositoryRoot, "manifest.yaml"), "utf8"));
  const { platforms = ["darwin/arm64", "linux/amd64"], libcs = ["glibc"] } = options;
  const targets = platforms.map(parsePlatform).flatMap((platform): ExecutableTarget[] => {
    return platform.os === "linux" ? libcs.map((libc) => ({ ...platform, libc })) : [platform];
  });
  await writeRelease(directory, {
    root: repositoryRoot,
    manifest: { ...manifest, version: "1.2.3" },
    targets,
    billOfMaterials: "{}\n",
    executableFor: ({ os, arch, libc }) =>
      Promise.resolve(
        options.executable ??
          (os === "linux"
            ? smallElf(arch, libc === "musl" ? "/lib/ld-musl-x.so.1" : "/lib/ld.so")
            : signMachO(smallMachO(arch))),
      ),
  });
  return directory;
}
