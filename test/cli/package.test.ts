import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import examplePackageJson from "../../examples/provider/package.json" with { type: "json" };
import packageJson from "../../package.json" with { type: "json" };
import { slugFromName } from "../../src/contract/provider-name.js";
import { VERSION } from "../../src/version.js";
import { tempDirectory } from "../support/temp-directory.js";

const root = join(import.meta.dirname, "../..");

/** The manifest fields that every host supports. */
const SHARED_FIELDS = [
  "description",
  "displayName",
  "iconFile",
  "kind",
  "source",
  "spec",
  "version",
];

interface Manifest {
  readonly [key: string]: unknown;
  readonly source: string;
  readonly iconFile: string;
  readonly spec: Readonly<Record<string, string>>;
}

function read(file: string): Manifest {
  return parse(readFileSync(join(root, file), "utf8")) as Manifest;
}

const manifest = read("manifest.yaml");
const newerManifest = read("manifest.v8.yaml");

test("package and manifests have the same plain semver version", () => {
  expect(VERSION).toMatch(/^\d+\.\d+\.\d+$/);
  expect(packageJson.version).toBe(VERSION);
  expect(manifest["version"]).toBe(VERSION);
});

test("the example of the GitHub Action pins the version of the package", () => {
  const page = readFileSync(join(root, "docs/writing-a-provider.md"), "utf8");
  const pinned = /actions\/conformance@v(\S+)\n {2}with:\n {4}version: (\S+)\n/.exec(page);
  expect(pinned?.slice(1)).toEqual([VERSION, VERSION]);
});

test("the manifest has only fields that every host supports", () => {
  expect(Object.keys(manifest).sort()).toEqual(SHARED_FIELDS);
  expect(Object.keys(manifest.spec)).toEqual(["configSchemaPath"]);
  expect(manifest["kind"]).toBe("cache");
});

test("the manifest for newer hosts has the same shared fields and a command", () => {
  const { install, build, run, ...shared } = newerManifest;
  expect(shared).toEqual(manifest);
  for (const step of [install, build, run]) {
    const { command, ...others } = step as { command: string[] };
    expect(command.every((word) => word !== "")).toBe(true);
    expect(others).toEqual({});
  }
});

test("every script and file that the manifest for newer hosts runs exists", () => {
  const { install, build, run } = newerManifest as unknown as Record<string, { command: string[] }>;
  for (const step of [install, build]) {
    const [npm, subcommand, silent, script = ""] = step?.command ?? [];
    expect([npm, subcommand, silent]).toEqual(["npm", "run", "--silent"]);
    expect(packageJson.scripts).toHaveProperty(script);
  }
  expect(run?.command).toEqual(["node", packageJson.bin["gestalt-cache-memory"].slice(2)]);
});

test("the manifest's source is lower-case, a repository and at least one more segment", () => {
  const [site, ...segments] = manifest.source.split("/");
  expect(site).toBe("github.com");
  expect(segments.length).toBeGreaterThanOrEqual(3);
  for (const segment of segments) expect(segment).toMatch(/^[a-z0-9][a-z0-9._-]*$/);
  const name = segments.at(-1) ?? "";
  expect(slugFromName(name)).toBe(name);
});

test("schema and icon exist, have normalized paths and are in the npm package", () => {
  for (const file of [manifest.iconFile, manifest.spec["configSchemaPath"] ?? ""]) {
    expect(file).not.toMatch(/^\.?\/|\.\./);
    expect(existsSync(join(root, file))).toBe(true);
    expect(packageJson.files).toContain(file);
  }
});

test("package.json names the provider for hosts that run TypeScript sources", () => {
  const { kind, target } = packageJson.gestalt.provider;
  expect(kind).toBe("cache");
  expect(target).toMatch(/^\.\/src\/.+\.ts#\w+$/);
});

describe.each([
  ["this package", packageJson],
  ["the example provider", examplePackageJson],
])("the scripts for hosts of %s", (_, { scripts }) => {
  /** Runs a script with a bun that prints how it was called. */
  function run(script: string, starter: string): string {
    const bun = join(tempDirectory(), "bun");
    writeFileSync(bun, '#!/bin/sh\necho "bun $*"\n', { mode: 0o755 });
    const env =
      starter === "bun" ? { npm_execpath: bun } : { npm_execpath: starter, GESTALT_BUN: bun };
    return execFileSync("sh", ["-c", script], { env, encoding: "utf8" });
  }

  test.each(["bun", "/usr/lib/npm/bin/npm-cli.js", "/home/bunny/npm/bin/npm-cli.js"])(
    "run bun when they are started by %s",
    (starter) => {
      expect(run(scripts["gestalt-ts-build"], starter)).toMatch(/^bun \S*build\.ts\n$/);
      expect(run(scripts["gestalt-ts-runtime"], starter)).toMatch(/^bun src\/\S*\.ts\n$/);
    },
  );
});
