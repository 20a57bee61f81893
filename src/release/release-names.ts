import { formatPlatform, type ExecutableTarget } from "./build/target-platform.js";

/** The files that describe a release: for hosts, and for `sha256sum --check`. */
export const METADATA_FILE = "provider-release.yaml";
export const CHECKSUMS_FILE = "checksums.txt";

/** The executable's name in an archive. */
export function executableName(provider: string): string {
  return `gestalt-plugin-${provider}`;
}

/** The name of an archive: that of the host's own release command, with `_musl` for musl. */
export function archiveName(provider: string, version: string, target: ExecutableTarget): string {
  const platform = formatPlatform(target).replace("/", "_");
  const libc = target.libc === "musl" ? "_musl" : "";
  return `${executableName(provider)}_v${version}_${platform}${libc}.tar.gz`;
}

/** The name of the bill of materials; the ending is CycloneDX's. */
export function billOfMaterialsName(provider: string, version: string): string {
  return `${executableName(provider)}_v${version}.cdx.json`;
}
