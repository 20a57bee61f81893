import { formatPlatform, type ExecutableTarget, type Libc } from "./build/target-platform.js";
import type { SourceManifest } from "./manifest/manifest.js";
import {
  releaseMetadataFrom,
  staticManifestFrom,
  type ReleaseMetadata,
} from "./release-metadata.js";
import { METADATA_FILE } from "./release-names.js";

/** An archive that is written. */
export interface WrittenArchive {
  readonly target: ExecutableTarget;
  /** Its name, at the root of the release. */
  readonly name: string;
  readonly sha256: string;
}

/** For hosts before the day from which they require `staticValidation`. */
const EARLIER_HOSTS = "before-2026-06-05";

/**
 * The metadata of a release, by their path in it. All of them describe the same archives;
 * they differ in their form and in the C library of Linux:
 *
 * - at the root for hosts from 2026-06-05: musl, which their official image has,
 * - in `before-2026-06-05` for earlier hosts: glibc,
 * - in a directory below each of these with the other C library, when there are both.
 */
export function metadataVariants(
  manifest: SourceManifest,
  archives: readonly WrittenArchive[],
): ReadonlyMap<string, ReleaseMetadata> {
  const libcs = new Set(
    archives.map(({ target }) => target.libc).filter((each) => each !== undefined),
  );
  const variants = new Map<string, ReleaseMetadata>();
  const add = (
    directories: readonly string[],
    libc: Libc,
    form: Partial<ReleaseMetadata>,
  ): void => {
    const above = "../".repeat(directories.length);
    const chosen = archives
      .filter(({ target }) => target.libc === undefined || target.libc === libc)
      .map(({ target, name, sha256 }) => {
        return [formatPlatform(target), { path: `${above}${name}`, sha256 }] as const;
      });
    const metadata = { ...releaseMetadataFrom(manifest, new Map(chosen)), ...form };
    variants.set([...directories, METADATA_FILE].join("/"), metadata);
  };
  const addForm = (
    directories: readonly string[],
    libc: Libc,
    form: Partial<ReleaseMetadata>,
  ): void => {
    const other = libc === "musl" ? "glibc" : "musl";
    add(directories, libcs.has(libc) || libcs.size === 0 ? libc : other, form);
    if (libcs.size === 2) add([...directories, other], other, form);
  };
  addForm([], "musl", { staticValidation: { manifest: staticManifestFrom(manifest) } });
  addForm([EARLIER_HOSTS], "glibc", {});
  return variants;
}
