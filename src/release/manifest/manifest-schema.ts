/** Plain semver: no `v` in front. */
export const VERSION_PATTERN =
  "^(0|[1-9][0-9]*)\\.(0|[1-9][0-9]*)\\.(0|[1-9][0-9]*)" +
  "(-[0-9A-Za-z-]+(\\.[0-9A-Za-z-]+)*)?(\\+[0-9A-Za-z-]+(\\.[0-9A-Za-z-]+)*)?$";

/** `github.com/<owner>/<repo>/<path...>`, at least one segment after the repository. */
export const SOURCE_PATTERN = "^github\\.com(/[a-z0-9][a-z0-9._-]*){3,}$";

/** A SHA-256 in lower-case hexadecimal digits. */
export const SHA256_PATTERN = "^[0-9a-f]{64}$";

const TEXT = { type: "string", minLength: 1 };

/** The fields that a manifest has in the repository. */
const SOURCE_PROPERTIES = {
  kind: { const: "cache" },
  source: { type: "string", pattern: SOURCE_PATTERN },
  version: { type: "string", pattern: VERSION_PATTERN },
  displayName: TEXT,
  description: TEXT,
  iconFile: TEXT,
  spec: {
    type: "object",
    additionalProperties: false,
    required: ["configSchemaPath"],
    properties: { configSchemaPath: TEXT },
  },
};

const REQUIRED = ["kind", "source", "version", "displayName", "description", "iconFile", "spec"];

/** JSON Schema of the manifest in the repository: what a release is made from. */
export const SOURCE_MANIFEST_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: REQUIRED,
  properties: SOURCE_PROPERTIES,
};

/** JSON Schema of the manifest in an archive: it also names the executable. */
export const RELEASE_MANIFEST_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: [...REQUIRED, "artifacts", "entrypoint"],
  properties: {
    ...SOURCE_PROPERTIES,
    artifacts: {
      type: "array",
      minItems: 1,
      // One archive a platform, so one artifact an archive.
      maxItems: 1,
      items: {
        type: "object",
        additionalProperties: false,
        required: ["os", "arch", "path", "sha256"],
        properties: {
          os: { enum: ["darwin", "linux"] },
          arch: { enum: ["amd64", "arm64"] },
          path: TEXT,
          sha256: { type: "string", pattern: SHA256_PATTERN },
        },
      },
    },
    entrypoint: {
      type: "object",
      additionalProperties: false,
      required: ["artifactPath"],
      properties: { artifactPath: TEXT },
    },
  },
};
