import { Ajv2020 } from "ajv/dist/2020.js";
import { executableFormat } from "./archive/executable-format.js";
import { decompress } from "./archive/gzip.js";
import { readTar, type ArchiveFile } from "./archive/tar-archive.js";
import { machOSignatureProblem } from "./build/mach-o-signature.js";
import { formatPlatform, type TargetPlatform } from "./build/target-platform.js";
import { sha256 } from "./digest.js";
import {
  formatManifest,
  MANIFEST_FILE,
  parseReleaseManifest,
  type ReleaseManifest,
} from "./manifest/manifest.js";
import { releasedProviderName, type ReleaseMetadata } from "./release-metadata.js";
import { executableName } from "./release-names.js";

/** The host takes archives of up to this size. */
const MAX_ARCHIVE_BYTES = 512 * 2 ** 20;

/**
 * Checks one archive of a release: its form, its manifest, and that executable,
 * schema and icon are what the manifest and the release say.
 *
 * @returns every problem; none for a good archive
 */
export function archiveProblems(
  archive: Buffer,
  platform: TargetPlatform,
  release: ReleaseMetadata,
): string[] {
  if (archive.length > MAX_ARCHIVE_BYTES) return [`larger than ${MAX_ARCHIVE_BYTES} bytes`];
  let files: ReadonlyMap<string, ArchiveFile>;
  let manifest: ReleaseManifest;
  try {
    const tar = decompress(archive, 2 * MAX_ARCHIVE_BYTES);
    files = new Map(readTar(tar).map((file) => [file.path, file]));
    const text = Buffer.from(files.get(MANIFEST_FILE)?.bytes ?? []).toString();
    manifest = parseReleaseManifest(text);
    if (formatManifest(manifest) !== text)
      return [`${MANIFEST_FILE}: not written as a release does`];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
  return [
    ...identityProblems(manifest, platform, release),
    ...contentProblems(manifest, files),
    ...executableProblems(manifest, files.get(manifest.entrypoint.artifactPath)),
    ...schemaProblems(files.get(manifest.spec.configSchemaPath)),
  ];
}

function identityProblems(
  manifest: ReleaseManifest,
  platform: TargetPlatform,
  release: ReleaseMetadata,
): string[] {
  const [artifact] = manifest.artifacts;
  return [
    ...differs("source", manifest.source, release.package),
    ...differs("version", manifest.version, release.version),
    ...differs("platform", formatPlatform(artifact), formatPlatform(platform)),
    ...differs("executable", artifact.path, executableName(releasedProviderName(release))),
  ];
}

function contentProblems(
  { iconFile, spec, entrypoint }: ReleaseManifest,
  files: ReadonlyMap<string, ArchiveFile>,
): string[] {
  const named = [MANIFEST_FILE, entrypoint.artifactPath, spec.configSchemaPath, iconFile];
  return [
    ...named.filter((path) => !files.has(path)).map((path) => `"${path}" is missing`),
    ...[...files.keys()]
      .filter((path) => !named.includes(path))
      .map((path) => `"${path}" is extra`),
    ...[...files.values()]
      .filter(({ path, isExecutable }) => isExecutable !== (path === entrypoint.artifactPath))
      .map(({ path, isExecutable }) => `"${path}" has mode ${isExecutable ? "755" : "644"}`),
  ];
}

function executableProblems(
  { artifacts: [artifact] }: ReleaseManifest,
  file: ArchiveFile | undefined,
): string[] {
  if (file === undefined) return [];
  const bytes = Buffer.from(file.bytes.buffer, file.bytes.byteOffset, file.bytes.length);
  const format = executableFormat(bytes);
  const found = format === undefined ? "no known platform" : formatPlatform(format);
  const signature = artifact.os === "darwin" ? machOSignatureProblem(bytes) : undefined;
  return [
    ...differs("executable's sha256", sha256(bytes), artifact.sha256),
    ...differs("executable's format", found, formatPlatform(artifact)),
    ...(signature === undefined ? [] : [`executable ${signature}`]),
  ];
}

/** The host compiles the schema before it starts the provider, and fetches nothing for it. */
function schemaProblems(file: ArchiveFile | undefined): string[] {
  if (file === undefined) return [];
  try {
    const schema = JSON.parse(Buffer.from(file.bytes).toString()) as object;
    // A reference to somewhere else does not compile.
    new Ajv2020({ strict: false }).compile(schema);
    return [];
  } catch (error) {
    return [`"${file.path}": ${error instanceof Error ? error.message : String(error)}`];
  }
}

function differs(what: string, found: string, expected: string): string[] {
  return found === expected ? [] : [`${what} is "${found}", expected "${expected}"`];
}
