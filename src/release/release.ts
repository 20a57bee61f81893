/** The script `npm run release`: makes a release of this package. */
import { realpath } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Command } from "commander";
import {
  ALL_PLATFORMS,
  currentPlatform,
  parseLibc,
  parsePlatform,
  type Libc,
  type TargetPlatform,
} from "./build/target-platform.js";
import { createRelease } from "./create-release.js";
import { flagParser } from "./flag-parser.js";
import { VERSION_PATTERN } from "./manifest/manifest-schema.js";

interface ReleaseFlags {
  readonly platform?: readonly TargetPlatform[];
  readonly version?: string;
  readonly libc?: Libc;
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
    "C library of Linux executables: glibc or musl (default: glibc)",
    flagParser(parseLibc),
  )
  .option("--out <directory>", "where to put it; an earlier release there goes", "release")
  .action(async (flags: ReleaseFlags) => {
    const { platform = [currentPlatform()], version, libc } = flags;
    const files = await createRelease({
      root: await realpath(join(import.meta.dirname, "../..")),
      outputPath: resolve(flags.out),
      platforms: platform,
      ...(version === undefined ? {} : { version }),
      ...(libc === undefined ? {} : { libc }),
    });
    for (const file of files) console.log(`created ${file}`);
  });

function parsePlatforms(text: string): readonly TargetPlatform[] {
  if (text === "all") return ALL_PLATFORMS;
  return [...new Set(text.split(",").map((each) => parsePlatform(each.trim())))];
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
