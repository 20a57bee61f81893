import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { archiveProblems } from "./archive-check.js";
import { parsePlatform } from "./build/target-platform.js";
import { parseChecksums, type Checksums } from "./checksums.js";
import { sha256 } from "./digest.js";
import {
  parseReleaseMetadata,
  releasedProviderName,
  type ReleaseMetadata,
} from "./release-metadata.js";
import {
  archiveName,
  billOfMaterialsName,
  CHECKSUMS_FILE,
  METADATA_FILE,
} from "./release-names.js";

/**
 * Reads a release back and checks it by every rule that the host has for it, and
 * by those that make it reproducible. One changed byte anywhere is noticed.
 *
 * @returns every problem, each with the file that it is in; none for a good release
 */
export async function releaseProblems(directory: string): Promise<string[]> {
  let metadata: ReleaseMetadata;
  let checksums: Checksums;
  try {
    metadata = parseReleaseMetadata(await readText(directory, METADATA_FILE));
    checksums = parseChecksums(await readText(directory, CHECKSUMS_FILE));
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
  const problems = await fileProblems(directory, metadata, checksums);
  for (const [key, { path, sha256: expected }] of Object.entries(metadata.artifacts)) {
    const platform = parsePlatform(key);
    const name = archiveName(releasedProviderName(metadata), metadata.version, platform);
    if (path !== name) problems.push(`${METADATA_FILE}: ${key}: expected ${name}, got ${path}`);
    const archive = await readFile(join(directory, path)).catch(() => undefined);
    // What is missing has been said.
    if (archive === undefined) continue;
    const found = sha256(archive);
    if (found !== expected) {
      problems.push(`${METADATA_FILE}: ${key}: sha256 of ${path} is ${found}, not ${expected}`);
    }
    problems.push(
      ...archiveProblems(archive, platform, metadata).map((problem) => `${path}: ${problem}`),
    );
  }
  return problems;
}

/** The files that there are, those that there should be, and their checksums. */
async function fileProblems(
  directory: string,
  metadata: ReleaseMetadata,
  checksums: Checksums,
): Promise<string[]> {
  const problems: string[] = [];
  const described = [
    ...Object.values(metadata.artifacts).map(({ path }) => path),
    billOfMaterialsName(releasedProviderName(metadata), metadata.version),
  ];
  const present = await readdir(directory);
  for (const file of described) {
    const expected = checksums.get(file);
    if (expected === undefined) problems.push(`${CHECKSUMS_FILE}: ${file} is not listed`);
    if (!present.includes(file)) problems.push(`${file}: is missing`);
    else if (expected !== undefined && sha256(await readFile(join(directory, file))) !== expected) {
      problems.push(`${CHECKSUMS_FILE}: ${file} is not what it was when its checksum was written`);
    }
  }
  for (const file of checksums.keys()) {
    if (!described.includes(file))
      problems.push(`${CHECKSUMS_FILE}: ${file} is not of this release`);
  }
  const expected = [...described, METADATA_FILE, CHECKSUMS_FILE];
  for (const file of present.filter((name) => !expected.includes(name)).sort()) {
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
