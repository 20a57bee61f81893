import { stringify } from "yaml";
import type { TargetPlatform } from "../build/target-platform.js";
import { RELEASE_MANIFEST_SCHEMA, SOURCE_MANIFEST_SCHEMA } from "./manifest-schema.js";
import { packagePathProblem } from "./package-path.js";
import { createStrictYamlReader } from "./strict-yaml.js";

/** Name of the manifest, in the repository and at the root of an archive. */
export const MANIFEST_FILE = "manifest.yaml";

/** `manifest.yaml` as it is in the repository. */
export interface SourceManifest {
  readonly kind: "cache";
  readonly source: string;
  readonly version: string;
  readonly displayName: string;
  readonly description: string;
  readonly iconFile: string;
  readonly spec: { readonly configSchemaPath: string };
}

/** An executable of a package. */
export interface ManifestArtifact extends TargetPlatform {
  /** In the archive. */
  readonly path: string;
  readonly sha256: string;
}

/** `manifest.yaml` as it is in an archive. */
export interface ReleaseManifest extends SourceManifest {
  readonly artifacts: readonly [ManifestArtifact];
  readonly entrypoint: { readonly artifactPath: string };
}

const readSourceManifest = createStrictYamlReader(SOURCE_MANIFEST_SCHEMA, MANIFEST_FILE);
const readReleaseManifest = createStrictYamlReader(RELEASE_MANIFEST_SCHEMA, MANIFEST_FILE);

/**
 * Reads the manifest in a repository by the host's strict rules.
 *
 * @throws Error listing every problem
 */
export function parseSourceManifest(text: string): SourceManifest {
  const manifest = readSourceManifest(text) as SourceManifest;
  refuse(pathProblems(manifest));
  return manifest;
}

/**
 * Reads the manifest in an archive by the host's strict rules.
 *
 * @throws Error listing every problem
 */
export function parseReleaseManifest(text: string): ReleaseManifest {
  const manifest = readReleaseManifest(text) as ReleaseManifest;
  const problems = pathProblems(manifest);
  const [{ path }] = manifest.artifacts;
  addPathProblem(problems, "/artifacts/0/path", path);
  if (manifest.entrypoint.artifactPath !== path) {
    problems.push(`/entrypoint/artifactPath: no artifact is called that; there is "${path}"`);
  }
  refuse(problems);
  return manifest;
}

/** The manifest of an archive, from that of the repository. */
export function releaseManifestFrom(
  source: SourceManifest,
  artifact: ManifestArtifact,
): ReleaseManifest {
  const { spec, ...shared } = source;
  return { ...shared, artifacts: [artifact], entrypoint: { artifactPath: artifact.path }, spec };
}

/** A manifest as text, laid out as the host's own release command does it. */
export function formatManifest(manifest: ReleaseManifest): string {
  return stringify(manifest, { indent: 4, lineWidth: 0 });
}

/** The provider's name: the last segment of its source. */
export function providerNameFrom({ source }: Pick<SourceManifest, "source">): string {
  return source.slice(source.lastIndexOf("/") + 1);
}

function pathProblems({ iconFile, spec }: SourceManifest): string[] {
  const problems: string[] = [];
  addPathProblem(problems, "/iconFile", iconFile);
  addPathProblem(problems, "/spec/configSchemaPath", spec.configSchemaPath);
  return problems;
}

function addPathProblem(problems: string[], field: string, path: string): void {
  const problem = packagePathProblem(path);
  if (problem !== undefined) problems.push(`${field}: ${problem}, got "${path}"`);
}

function refuse(problems: readonly string[]): void {
  if (problems.length > 0) throw new Error(`${MANIFEST_FILE}: ${problems.join("; ")}`);
}
