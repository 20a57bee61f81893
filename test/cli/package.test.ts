import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import packageJson from "../../package.json" with { type: "json" };
import { slugFromName } from "../../src/contract/provider-name.js";
import { VERSION } from "../../src/version.js";

const root = join(import.meta.dirname, "../..");

interface Manifest {
  readonly [key: string]: unknown;
  readonly source: string;
  readonly iconFile: string;
  readonly spec: Readonly<Record<string, string>>;
}

const manifest = parse(readFileSync(join(root, "manifest.yaml"), "utf8")) as Manifest;

test("one version everywhere, plain semver", () => {
  expect(VERSION).toMatch(/^\d+\.\d+\.\d+$/);
  expect(packageJson.version).toBe(VERSION);
  expect(manifest["version"]).toBe(VERSION);
});

test("the manifest has the fields that hosts know, and no others: they refuse those", () => {
  expect(Object.keys(manifest).sort()).toEqual([
    "description",
    "displayName",
    "iconFile",
    "kind",
    "source",
    "spec",
    "version",
  ]);
  expect(Object.keys(manifest.spec)).toEqual(["configSchemaPath"]);
  expect(manifest["kind"]).toBe("cache");
});

test("the source is a repository and at least one more segment, lower-case", () => {
  const [site, ...segments] = manifest.source.split("/");
  expect(site).toBe("github.com");
  expect(segments.length).toBeGreaterThanOrEqual(3);
  for (const segment of segments) expect(segment).toMatch(/^[a-z0-9][a-z0-9._-]*$/);
  const name = segments.at(-1) ?? "";
  expect(slugFromName(name)).toBe(name);
});

test("schema and icon exist, and are named the way hosts accept and npm packs", () => {
  for (const file of [manifest.iconFile, manifest.spec["configSchemaPath"] ?? ""]) {
    expect(file).not.toMatch(/^\.?\/|\.\./);
    expect(existsSync(join(root, file))).toBe(true);
    expect(packageJson.files).toContain(file);
  }
});

test("package.json names the provider for hosts that look for TypeScript sources", () => {
  const { kind, target } = packageJson.gestalt.provider;
  expect(kind).toBe("cache");
  expect(target).toMatch(/^\.\/src\/.+\.ts#\w+$/);
});
