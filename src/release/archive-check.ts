import { isDeepStrictEqual } from "node:util";
import { Ajv2020 } from "ajv/dist/2020.js";
import { executableFormat } from "./archive/executable-format.js";
import { decompress } from "./archive/gzip.js";
import { readTar, type ArchiveFile } from "./archive/tar-archive.js";
import { machOSignatureProblem } from "./build/mach-o-signature.js";
import { formatPlatform, type Libc, type TargetPlatform } from "./build/target-platform.js";
import { sha256 } from "./digest.js";
import { MANIFEST_FILE, parseReleaseManifest, type ReleaseManifest } from "./manifest/manifest.js";
import {
  releasedProviderName,
  staticManifestFrom,
  type ReleaseMetadata,
} from "./release-metadata.js";
import { archiveName, executableName } from "./release-names.js";

/** The host takes archives of up to this size. */
const MAX_ARCHIVE_BYTES = 512 * 2 ** 20;

/** What a release says about one of its archives. */
export interface ExpectedArchive {
  /** The archive's name. */
  readonly file: string;
  readonly platform: TargetPlatform;
  /** The metadata that list the archive. */
  readonly metadata: readonly ReleaseMetadata[];
}

/**
 * Checks one archive of a release: its form, its manifest, and that executable,
 * schema and icon are what the manifest and the release say.
 *
 * @returns every problem; none for a good archive
 */
export async function archiveProblems(
  archive: Buffer,
  expected: ExpectedArchive,
): Promise<string[]> {
  if (archive.length > MAX_ARCHIVE_BYTES) return [`larger than ${MAX_ARCHIVE_BYTES} bytes`];
  let files: ReadonlyMap<string, ArchiveFile>;
  let manifest: ReleaseManifest;
  try {
    const tar = decompress(archive, 2 * MAX_ARCHIVE_BYTES);
    files = new Map((await readTar(tar)).map((file) => [file.path, file]));
    manifest = parseReleaseManifest(Buffer.from(files.get(MANIFEST_FILE)?.bytes ?? []).toString());
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
  return [
    ...new Set(expected.metadata.flatMap((each) => identityProblems(manifest, expected, each))),
    ...contentProblems(manifest, files),
    ...executableProblems(manifest, expected, files.get(manifest.entrypoint.artifactPath)),
    ...schemaProblems(files.get(manifest.spec.configSchemaPath)),
  ];
}

function identityProblems(
  manifest: ReleaseManifest,
  { file, platform }: ExpectedArchive,
  release: ReleaseMetadata,
): string[] {
  const [artifact] = manifest.artifacts;
  const name = releasedProviderName(release);
  const nameFor = (libc: Libc): string => archiveName(name, release.version, { ...platform, libc });
  return [
    ...(file === nameFor("musl") ? [] : differs("name", file, nameFor("glibc"))),
    ...differs("source", manifest.source, release.package),
    ...differs("version", manifest.version, release.version),
    ...differs("platform", formatPlatform(artifact), formatPlatform(platform)),
    ...differs("executable", artifact.path, executableName(name)),
    ...staticValidationProblems(manifest, release),
  ];
}

/** Hosts refuse an archive whose manifest is not the one that they have checked before. */
function staticValidationProblems(
  manifest: ReleaseManifest,
  { staticValidation, package: source, kind, version }: ReleaseMetadata,
): string[] {
  if (staticValidation === undefined) return [];
  const inherited = { kind, source, version };
  const described = { ...inherited, ...staticValidation.manifest };
  const found = { ...inherited, ...staticManifestFrom(manifest) };
  return isDeepStrictEqual(described, found)
    ? []
    : ["manifest is not what staticValidation says in the metadata"];
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
  expected: ExpectedArchive,
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
    ...(format?.libc !== "musl" && expected.file.endsWith("_musl.tar.gz")
      ? differs("executable's C library", format?.libc ?? "unknown", "musl")
      : []),
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
