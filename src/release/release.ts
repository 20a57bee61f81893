/** The script `npm run release`: makes a release of this package. */
import { realpath } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Command } from "commander";
import {
  ALL_PLATFORMS,
  currentPlatform,
  LIBCS,
  parseLibc,
  parsePlatform,
  type ExecutableTarget,
  type Libc,
  type TargetPlatform,
} from "./build/target-platform.js";
import { createRelease } from "./create-release.js";
import { flagParser } from "./flag-parser.js";
import { VERSION_PATTERN } from "./manifest/manifest-schema.js";

interface ReleaseFlags {
  readonly platform?: readonly TargetPlatform[];
  readonly version?: string;
  readonly libc?: readonly Libc[];
  readonly out: string;
}

const command = new Command("release")
  .description(
    "Make a release: archives, checksums, provider-release.yaml and a bill of materials.",
  )
  .option(
    "--platform <list>",
    "os/arch, several with commas, or all (default: this machine's)",
    flagParser(parsePlatforms),
  )
  .option("--version <version>", "plain semver (default: the manifest's)", flagParser(parseVersion))
  .option(
    "--libc <name>",
    "C library of Linux executables: glibc, musl or all (default: all; glibc without --platform)",
    flagParser(parseLibcs),
  )
  .option("--out <directory>", "where to put it; an earlier release there goes", "release")
  .action(async (flags: ReleaseFlags) => {
    const { platform, version, libc } = flags;
    // Without --platform nothing has to be fetched: bun has its own runtime for glibc.
    const libcs = libc ?? (platform === undefined ? ["glibc"] : LIBCS);
    const files = await createRelease({
      root: await realpath(join(import.meta.dirname, "../..")),
      outputPath: resolve(flags.out),
      targets: (platform ?? [currentPlatform()]).flatMap((each) => targetsOf(each, libcs)),
      ...(version === undefined ? {} : { version }),
    });
    for (const file of files) console.log(`created ${file}`);
  });

function parsePlatforms(text: string): readonly TargetPlatform[] {
  if (text === "all") return ALL_PLATFORMS;
  return [...new Set(text.split(",").map((each) => parsePlatform(each.trim())))];
}

function parseLibcs(text: string): readonly Libc[] {
  return text === "all" ? LIBCS : [parseLibc(text)];
}

function targetsOf(platform: TargetPlatform, libcs: readonly Libc[]): readonly ExecutableTarget[] {
  return platform.os === "linux" ? libcs.map((libc) => ({ ...platform, libc })) : [platform];
}

function parseVersion(text: string): string {
  if (!new RegExp(VERSION_PATTERN).test(text)) {
    throw new Error(`"${text}" is not a plain semantic version such as 1.2.3`);
  }
  return text;
}

command.parseAsync().catch((error: unknown) => {
  console.error(`release: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
