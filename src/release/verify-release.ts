import { readdir, readFile } from "node:fs/promises";
import { join, posix } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { archiveProblems } from "./archive-check.js";
import { parsePlatform } from "./build/target-platform.js";
import { parseChecksums, type Checksums } from "./checksums.js";
import { sha256 } from "./digest.js";
import {
  parseReleaseMetadata,
  releasedProviderName,
  type ReleaseMetadata,
} from "./release-metadata.js";
import { billOfMaterialsName, CHECKSUMS_FILE, METADATA_FILE } from "./release-names.js";

/** The release in a directory, as far as its descriptions can be read. */
interface Release {
  readonly directory: string;
  /** Paths of all files. */
  readonly files: readonly string[];
  /** By path; the one at the root comes first. */
  readonly metadata: ReadonlyMap<string, ReleaseMetadata>;
  readonly checksums: Checksums;
}

/** An archive as the metadata of a release list it. */
interface ListedArchive {
  readonly platform: string;
  readonly sha256: string;
  /** The metadata that list it. */
  readonly listedIn: [path: string, metadata: ReleaseMetadata][];
}

/**
 * Reads a release back and checks it by every rule that hosts have for it: one that
 * `npm run release` made, or one of the host's own release command, which has neither
 * a bill of materials nor checksums of its metadata. A changed byte in any file that
 * checksums.txt lists is a problem.
 *
 * @returns every problem, each with the file that it is in; none for a good release
 */
export async function releaseProblems(directory: string): Promise<string[]> {
  let release: Release;
  try {
    release = await readRelease(directory);
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
  const problems = metadataProblems(release);
  const archives = listedArchives(release, problems);
  problems.push(...(await fileProblems(release, archives)));
  for (const [file, { platform, sha256: expected, listedIn }] of archives) {
    const archive = await readFile(join(directory, file)).catch(() => undefined);
    // What is missing has been said.
    if (archive === undefined) continue;
    const found = sha256(archive);
    if (found !== expected) {
      const [[path] = [METADATA_FILE]] = listedIn;
      problems.push(`${path}: ${platform}: sha256 of ${file} is ${found}, not ${expected}`);
    }
    const metadata = listedIn.map(([, each]) => each);
    const expectedArchive = { file, platform: parsePlatform(platform), metadata };
    for (const problem of await archiveProblems(archive, expectedArchive)) {
      problems.push(`${file}: ${problem}`);
    }
  }
  return problems;
}

async function readRelease(directory: string): Promise<Release> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .sort();
  const metadata = new Map<string, ReleaseMetadata>();
  const others = files.filter((file) => file.endsWith(`/${METADATA_FILE}`));
  for (const file of [METADATA_FILE, ...others]) {
    metadata.set(file, parseReleaseMetadata(await readText(directory, file), file));
  }
  const checksums = parseChecksums(await readText(directory, CHECKSUMS_FILE));
  return { directory, files, metadata, checksums };
}

/** Metadata of one release differ in their archives and their form, and in nothing else. */
function metadataProblems({ metadata }: Release): string[] {
  const identities = [...metadata].map(([file, { package: source, version, kind }]) => {
    return { file, identity: { source, version, kind } };
  });
  return identities
    .filter(({ identity }) => !isDeepStrictEqual(identity, identities[0]?.identity))
    .map(({ file }) => `${file}: is of another release than ${METADATA_FILE}`);
}

function listedArchives(release: Release, problems: string[]): Map<string, ListedArchive> {
  const archives = new Map<string, ListedArchive>();
  for (const [path, metadata] of release.metadata) {
    for (const [platform, { path: archive, sha256: digest }] of Object.entries(
      metadata.artifacts,
    )) {
      const file = posix.join(posix.dirname(path), archive);
      const listed = archives.get(file);
      if (file.includes("/")) {
        problems.push(`${path}: ${platform}: ${archive} is not at the root of the release`);
      } else if (listed === undefined) {
        archives.set(file, { platform, sha256: digest, listedIn: [[path, metadata]] });
      } else {
        listed.listedIn.push([path, metadata]);
        if (listed.platform !== platform || listed.sha256 !== digest) {
          problems.push(`${path}: ${platform}: ${file} is not what ${METADATA_FILE} says`);
        }
      }
    }
  }
  return archives;
}

/** The files that there are, those that there should be, and their checksums. */
async function fileProblems(
  { directory, files, metadata, checksums }: Release,
  archives: ReadonlyMap<string, ListedArchive>,
): Promise<string[]> {
  const problems: string[] = [];
  const [root] = metadata.values();
  const bill = root && billOfMaterialsName(releasedProviderName(root), root.version);
  const known = [...archives.keys(), ...metadata.keys(), ...(bill === undefined ? [] : [bill])];
  const listed = [...archives.keys(), ...(bill && files.includes(bill) ? [bill] : [])];
  for (const file of listed.filter((each) => !checksums.has(each))) {
    problems.push(`${CHECKSUMS_FILE}: ${file} is not listed`);
  }
  for (const file of new Set([...archives.keys(), ...checksums.keys()])) {
    const expected = checksums.get(file);
    if (!known.includes(file) && !file.endsWith(`/${METADATA_FILE}`)) {
      problems.push(`${CHECKSUMS_FILE}: ${file} is not of this release`);
    } else if (!files.includes(file)) {
      problems.push(`${file}: is missing`);
    } else if (
      expected !== undefined &&
      sha256(await readFile(join(directory, file))) !== expected
    ) {
      problems.push(`${CHECKSUMS_FILE}: ${file} is not what it was when its checksum was written`);
    }
  }
  for (const file of files.filter((each) => ![...known, CHECKSUMS_FILE].includes(each))) {
    problems.push(`${file}: is not of this release`);
  }
  return problems;
}

async function readText(directory: string, file: string): Promise<string> {
  try {
    return await readFile(join(directory, file), "utf8");
  } catch (error) {
    throw new Error(`${file}: cannot be read`, { cause: error });
  }
}
