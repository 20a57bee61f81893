import { stringify } from "yaml";
import { ALL_PLATFORMS, formatPlatform } from "./build/target-platform.js";
import { SHA256_PATTERN, SOURCE_PATTERN, VERSION_PATTERN } from "./manifest/manifest-schema.js";
import { providerNameFrom, type SourceManifest } from "./manifest/manifest.js";
import { createStrictYamlReader } from "./manifest/strict-yaml.js";
import { METADATA_FILE } from "./release-names.js";

/** An archive of a release. */
export interface ReleaseArtifact {
  /** The archive's file name, beside the metadata. */
  readonly path: string;
  readonly sha256: string;
}

/** `provider-release.yaml`: what a host is pointed at. */
export interface ReleaseMetadata {
  readonly schema: "gestaltd-provider-release";
  readonly schemaVersion: 1;
  readonly package: string;
  readonly kind: "cache";
  readonly version: string;
  readonly runtime: "executable";
  /** By platform, `os/arch`. */
  readonly artifacts: Readonly<Record<string, ReleaseArtifact>>;
}

const METADATA_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["schema", "schemaVersion", "package", "kind", "version", "runtime", "artifacts"],
  properties: {
    schema: { const: "gestaltd-provider-release" },
    schemaVersion: { const: 1 },
    package: { type: "string", pattern: SOURCE_PATTERN },
    kind: { const: "cache" },
    version: { type: "string", pattern: VERSION_PATTERN },
    runtime: { const: "executable" },
    artifacts: {
      type: "object",
      minProperties: 1,
      propertyNames: { enum: ALL_PLATFORMS.map(formatPlatform) },
      additionalProperties: {
        type: "object",
        additionalProperties: false,
        required: ["path", "sha256"],
        properties: {
          path: { type: "string", pattern: "^[^/\\\\]+\\.tar\\.gz$" },
          sha256: { type: "string", pattern: SHA256_PATTERN },
        },
      },
    },
  },
};

const readMetadata = createStrictYamlReader(METADATA_SCHEMA, METADATA_FILE);

/** Describes a release: whose it is, and its archives. */
export function releaseMetadataFrom(
  manifest: SourceManifest,
  artifacts: ReadonlyMap<string, ReleaseArtifact>,
): ReleaseMetadata {
  const byPlatform = [...artifacts].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    schema: "gestaltd-provider-release",
    schemaVersion: 1,
    package: manifest.source,
    kind: manifest.kind,
    version: manifest.version,
    runtime: "executable",
    artifacts: Object.fromEntries(byPlatform),
  };
}

/** The metadata as text; the same metadata gives the same bytes. */
export function formatReleaseMetadata(metadata: ReleaseMetadata): string {
  return stringify(metadata, { lineWidth: 0 });
}

/**
 * Reads what {@link formatReleaseMetadata} wrote, by the host's strict rules.
 *
 * @throws Error listing every problem
 */
export function parseReleaseMetadata(text: string): ReleaseMetadata {
  const metadata = readMetadata(text) as ReleaseMetadata;
  if (formatReleaseMetadata(metadata) !== text) {
    throw new Error(`${METADATA_FILE}: not written as a release writes it`);
  }
  return metadata;
}

/** The name of the provider that a release is of: the last segment of its package. */
export function releasedProviderName({ package: source }: ReleaseMetadata): string {
  return providerNameFrom({ source });
}
