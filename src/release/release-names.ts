import { formatPlatform, type TargetPlatform } from "./build/target-platform.js";

/** The two files that describe a release, beside its archives. */
export const METADATA_FILE = "provider-release.yaml";
export const CHECKSUMS_FILE = "checksums.txt";

/** The executable's name in an archive. */
export function executableName(provider: string): string {
  return `gestalt-plugin-${provider}`;
}

/** The name of a platform's archive. */
export function archiveName(provider: string, version: string, platform: TargetPlatform): string {
  const suffix = formatPlatform(platform).replace("/", "_");
  return `${executableName(provider)}_v${version}_${suffix}.tar.gz`;
}

/** The name of the bill of materials; the ending is CycloneDX's. */
export function billOfMaterialsName(provider: string, version: string): string {
  return `${executableName(provider)}_v${version}.cdx.json`;
}
