import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { compress } from "./archive/gzip.js";
import { writeTar, type ArchiveFile } from "./archive/tar-archive.js";
import { formatBillOfMaterials } from "./bill-of-materials.js";
import { formatPlatform, type TargetPlatform } from "./build/target-platform.js";
import { formatChecksums } from "./checksums.js";
import { sha256 } from "./digest.js";
import { readLockedPackages } from "./locked-packages.js";
import {
  formatManifest,
  MANIFEST_FILE,
  providerNameFrom,
  releaseManifestFrom,
  type SourceManifest,
} from "./manifest/manifest.js";
import {
  formatReleaseMetadata,
  releaseMetadataFrom,
  type ReleaseArtifact,
} from "./release-metadata.js";
import {
  archiveName,
  billOfMaterialsName,
  CHECKSUMS_FILE,
  executableName,
  METADATA_FILE,
} from "./release-names.js";

/** What the files of a release are made from. */
export interface ReleaseContents {
  /** Directory of the package, from which schema, icon and lock file are read. */
  readonly root: string;
  /** With the version of the release. */
  readonly manifest: SourceManifest;
  readonly platforms: readonly TargetPlatform[];
  /** Gives the executable of a platform; asked for one after the other. */
  readonly executableFor: (platform: TargetPlatform) => Promise<Buffer>;
}

/**
 * Writes every file of a release into a directory. The same contents give the
 * same bytes.
 *
 * @returns the names of the files
 */
export async function writeRelease(
  directory: string,
  { root, manifest, platforms, executableFor }: ReleaseContents,
): Promise<readonly string[]> {
  const name = providerNameFrom(manifest);
  const { version } = manifest;
  const checksums = new Map<string, string>();
  const write = async (file: string, bytes: Uint8Array): Promise<string> => {
    const digest = sha256(bytes);
    await writeFile(join(directory, file), bytes);
    checksums.set(file, digest);
    return digest;
  };

  const artifacts = new Map<string, ReleaseArtifact>();
  for (const platform of platforms) {
    const path = archiveName(name, version, platform);
    const archive = await packageArchive(root, manifest, platform, await executableFor(platform));
    artifacts.set(formatPlatform(platform), { path, sha256: await write(path, archive) });
  }
  const bill = formatBillOfMaterials(await readLockedPackages(root), version);
  await write(billOfMaterialsName(name, version), Buffer.from(bill));

  const metadata = formatReleaseMetadata(releaseMetadataFrom(manifest, artifacts));
  await writeFile(join(directory, CHECKSUMS_FILE), formatChecksums(checksums));
  await writeFile(join(directory, METADATA_FILE), metadata);
  return [...checksums.keys(), CHECKSUMS_FILE, METADATA_FILE];
}

async function packageArchive(
  root: string,
  manifest: SourceManifest,
  { os, arch }: TargetPlatform,
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
    writeTar([
      { path: MANIFEST_FILE, bytes: Buffer.from(text), isExecutable: false },
      { path, bytes: executable, isExecutable: true },
      await plain(manifest.spec.configSchemaPath),
      await plain(manifest.iconFile),
    ]),
  );
}
