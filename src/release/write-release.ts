import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { compress } from "./archive/gzip.js";
import { writeTar, type ArchiveFile } from "./archive/tar-archive.js";
import type { ExecutableTarget } from "./build/target-platform.js";
import { formatChecksums } from "./checksums.js";
import { sha256 } from "./digest.js";
import {
  formatManifest,
  MANIFEST_FILE,
  providerNameFrom,
  releaseManifestFrom,
  type SourceManifest,
} from "./manifest/manifest.js";
import { metadataVariants, type WrittenArchive } from "./metadata-variants.js";
import { formatReleaseMetadata } from "./release-metadata.js";
import {
  archiveName,
  billOfMaterialsName,
  CHECKSUMS_FILE,
  executableName,
} from "./release-names.js";

/** What the files of a release are made from. */
export interface ReleaseContents {
  /** Directory of the package, from which schema and icon are read. */
  readonly root: string;
  /** With the version of the release. */
  readonly manifest: SourceManifest;
  readonly targets: readonly ExecutableTarget[];
  /** Text of the bill of materials. */
  readonly billOfMaterials: string;
  /** Returns the executable of a target; called for one after the other. */
  readonly executableFor: (target: ExecutableTarget) => Promise<Buffer>;
}

/**
 * Writes every file of a release into a directory. The same contents give the
 * same bytes.
 *
 * @returns the paths of the files in the directory
 */
export async function writeRelease(
  directory: string,
  { root, manifest, targets, billOfMaterials, executableFor }: ReleaseContents,
): Promise<readonly string[]> {
  const name = providerNameFrom(manifest);
  const { version } = manifest;
  const checksums = new Map<string, string>();
  const write = async (file: string, bytes: Uint8Array): Promise<string> => {
    const digest = sha256(bytes);
    const path = join(directory, file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
    checksums.set(file, digest);
    return digest;
  };

  const archives: WrittenArchive[] = [];
  for (const target of targets) {
    const file = archiveName(name, version, target);
    const archive = await packageArchive(root, manifest, target, await executableFor(target));
    archives.push({ target, name: file, sha256: await write(file, archive) });
  }
  await write(billOfMaterialsName(name, version), Buffer.from(billOfMaterials));
  for (const [file, metadata] of metadataVariants(manifest, archives)) {
    await write(file, Buffer.from(formatReleaseMetadata(metadata)));
  }
  await writeFile(join(directory, CHECKSUMS_FILE), formatChecksums(checksums));
  return [...checksums.keys(), CHECKSUMS_FILE];
}

async function packageArchive(
  root: string,
  manifest: SourceManifest,
  { os, arch }: ExecutableTarget,
  executable: Buffer,
): Promise<Buffer> {
  const path = executableName(providerNameFrom(manifest));
  const artifact = { os, arch, path, sha256: sha256(executable) };
  const text = formatManifest(releaseManifestFrom(manifest, artifact));
  const plain = async (file: string): Promise<ArchiveFile> => ({
    path: file,
    bytes: await readFile(join(root, file)),
    isExecutable: false,
  });
  return compress(
    await writeTar([
      { path: MANIFEST_FILE, bytes: Buffer.from(text), isExecutable: false },
      { path, bytes: executable, isExecutable: true },
      await plain(manifest.spec.configSchemaPath),
      await plain(manifest.iconFile),
    ]),
  );
}
