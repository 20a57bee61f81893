import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  formatManifest,
  parseReleaseManifest,
  parseSourceManifest,
  providerNameFrom,
  releaseManifestFrom,
} from "../../src/release/manifest/manifest.js";
import { repositoryRoot } from "../support/provider-process.js";

const ownText = readFileSync(join(repositoryRoot, "manifest.yaml"), "utf8");
const own = parseSourceManifest(ownText);
const artifact = {
  os: "linux",
  arch: "arm64",
  path: "gestalt-plugin-memory",
  sha256: "a".repeat(64),
} as const;
const released = formatManifest(releaseManifestFrom(own, artifact));

test("this package's manifest is valid by the host's strict rules, and its files exist", () => {
  expect(own.kind).toBe("cache");
  expect(existsSync(join(repositoryRoot, own.spec.configSchemaPath))).toBe(true);
  expect(existsSync(join(repositoryRoot, own.iconFile))).toBe(true);
});

test("the provider's name is the last segment of its source", () => {
  expect(providerNameFrom({ source: "github.com/acme/providers/cache/fast" })).toBe("fast");
});

test("a release's manifest is the repository's with the executable", () => {
  expect(parseReleaseManifest(released)).toEqual({
    ...own,
    artifacts: [artifact],
    entrypoint: { artifactPath: "gestalt-plugin-memory" },
  });
});

/** Every way to break a rule: a piece of the manifest, what stands there instead, what is said. */
const BROKEN: readonly (readonly [piece: RegExp, instead: string, problem: string])[] = [
  [/^/, "color: blue\n", '/: unknown field "color"'],
  [/^kind: cache$/m, "kind: cache\nkind: cache", "Map keys must be unique"],
  [/^kind: cache$/m, "kind: !!binary Y2FjaGU=", "Unresolved tag"],
  [/^kind: cache$/m, "kind: *kind", "Unresolved alias"],
  [/^kind: cache$/m, "kind: plugin", '/kind: must be "cache"'],
  [/^kind: cache\n/m, "", "must have required property 'kind'"],
  [/^source: .*$/m, "source: gitlab.com/a/b/c", "/source: must match pattern"],
  [/^source: .*$/m, "source: github.com/acme/repo", "/source: must match pattern"],
  [/^source: .*$/m, "source: github.com/Acme/repo/x", "/source: must match pattern"],
  [/^source: .*$/m, "source: github.com/acme/repo/x/", "/source: must match pattern"],
  [/^version: .*$/m, "version: v1.0.0", "/version: must match pattern"],
  [/^version: .*$/m, "version: 1.0", "/version: must be string"],
  [/^version: .*$/m, 'version: "1.02.3"', "/version: must match pattern"],
  [/^displayName: .*$/m, "displayName: [a]", "/displayName: must be string"],
  [/iconFile: icon/, "iconFile: ./icon", '/iconFile: must be normalized, got "./icon.svg"'],
  [/iconFile: icon/, "iconFile: /icon", "/iconFile: must be relative"],
  [/iconFile: icon/, "iconFile: ../icon", "/iconFile: must stay within the package"],
  [/configSchemaPath: /, "configSchemaPath: ./", "/spec/configSchemaPath: must be normalized"],
  [/configSchemaPath: /, "configSchemaPath: a\\", "must use forward slashes"],
  [/^( +)configSchemaPath: /m, "$1schema: x\n$&", '/spec: unknown field "schema"'],
];

describe.each([
  ["in the repository", ownText, parseSourceManifest],
  ["in an archive", released, parseReleaseManifest],
] as const)("a manifest %s", (_, text, parse) => {
  test.each(BROKEN)("is refused with %s replaced by %j", (piece, instead, problem) => {
    const broken = text.replace(piece, instead);
    expect(broken).not.toBe(text);
    expect(() => parse(broken)).toThrow(problem);
  });

  test("is refused with a list of all problems", () => {
    const broken = text.replace("kind: cache", "kind: s3").replace(/^version: .*$/m, "version: x");
    expect(() => parse(broken)).toThrow(/\/kind: .*; \/version: /);
  });
});

test.each([
  [/^artifacts:[^]*^entrypoint/m, "entrypoint", "must have required property 'artifacts'"],
  [/^entrypoint:[^]*$/m, "", "must have required property 'entrypoint'"],
  [/^( +)arch: arm64/m, "$&\n$1libc: musl", '/artifacts/0: unknown field "libc"'],
  [/os: linux/, "os: plan9", "/artifacts/0/os: must be equal to one of the allowed values"],
  [/sha256: a/, "sha256: A", "/artifacts/0/sha256: must match pattern"],
  [/path: gestalt/, "path: ./gestalt", "/artifacts/0/path: must be normalized"],
  [/artifactPath: .*/, "artifactPath: x", 'no artifact is called that; there is "gestalt-plugin'],
] as const)(
  "a manifest in an archive is refused with %s replaced by %j",
  (piece, instead, problem) => {
    const broken = released.replace(piece, instead);
    expect(broken).not.toBe(released);
    expect(() => parseReleaseManifest(broken)).toThrow(problem);
  },
);

test("the repository's manifest names no executable yet", () => {
  expect(() => parseSourceManifest(released)).toThrow('unknown field "artifacts"');
});
