import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { signMachO } from "../../src/release/build/mach-o-signature.js";
import { parsePlatform } from "../../src/release/build/target-platform.js";
import { parseSourceManifest } from "../../src/release/manifest/manifest.js";
import { writeRelease } from "../../src/release/write-release.js";
import { repositoryRoot } from "../support/provider-process.js";
import { tempDirectory } from "../support/temp-directory.js";
import { smallElf } from "./elf.js";
import { smallMachO } from "./mach-o.js";

/** What differs from a good release. */
export interface SmallReleaseOptions {
  readonly platforms?: readonly string[];
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
  const platforms = (options.platforms ?? ["darwin/arm64", "linux/amd64"]).map(parsePlatform);
  await writeRelease(directory, {
    root: repositoryRoot,
    manifest: { ...manifest, version: "1.2.3" },
    platforms,
    executableFor: ({ os, arch }) =>
      Promise.resolve(
        options.executable ??
          (os === "linux" ? smallElf(arch, "/lib/ld.so") : signMachO(smallMachO(arch))),
      ),
  });
  return directory;
}
