import { stringify } from "yaml";
import { ALL_PLATFORMS, formatPlatform } from "./build/target-platform.js";
import { SHA256_PATTERN, SOURCE_PATTERN, VERSION_PATTERN } from "./manifest/manifest-schema.js";
import { providerNameFrom, type SourceManifest } from "./manifest/manifest.js";
import { createStrictYamlReader } from "./manifest/strict-yaml.js";
import { METADATA_FILE } from "./release-names.js";

/** An archive of a release. */
export interface ReleaseArtifact {
  /** The archive's path, relative to the metadata. */
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
  /** Hosts from 2026-06-05 require it; earlier ones refuse it. */
  readonly staticValidation?: { readonly manifest: Readonly<Record<string, unknown>> };
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
          // Archives are shared with the metadata in the directory above.
          path: { type: "string", pattern: "^(\\.\\./)*[^/\\\\]+\\.tar\\.gz$" },
          sha256: { type: "string", pattern: SHA256_PATTERN },
        },
      },
    },
    staticValidation: {
      type: "object",
      additionalProperties: false,
      required: ["manifest"],
      properties: { manifest: { type: "object" } },
    },
  },
};

/** Describes a release: whose it is, and its archives by platform. */
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

/**
 * What hosts from 2026-06-05 check without an archive: its manifest without what only
 * the archive has. They take kind, source and version from the metadata itself.
 */
export function staticManifestFrom(manifest: SourceManifest): Readonly<Record<string, unknown>> {
  const { displayName, description } = manifest;
  return { displayName, description, spec: {} };
}

/** The metadata as text, laid out as the host's own release command does it. */
export function formatReleaseMetadata(metadata: ReleaseMetadata): string {
  return stringify(metadata, { indent: 4, lineWidth: 0 });
}

/**
 * Reads the metadata of a release by the host's strict rules.
 *
 * @param file - where the text is from, for error messages
 * @throws Error listing every problem
 */
export function parseReleaseMetadata(text: string, file = METADATA_FILE): ReleaseMetadata {
  return createStrictYamlReader(METADATA_SCHEMA, file)(text) as ReleaseMetadata;
}

/** The name of the provider that a release is of: the last segment of its package. */
export function releasedProviderName({ package: source }: ReleaseMetadata): string {
  return providerNameFrom({ source });
}
