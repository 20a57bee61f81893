import { execFileSync } from "node:child_process";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tempDirectory } from "./support/temp-directory.js";

const root = join(import.meta.dirname, "..");

interface LockEntry {
  readonly integrity?: string | undefined;
  readonly link?: boolean;
  readonly inBundle?: boolean;
  readonly resolved?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}
type Lock = { packages: Record<string, LockEntry> };

const read = (file: string): Lock => JSON.parse(readFileSync(file, "utf8")) as Lock;
const { packages } = read(join(root, "package-lock.json"));
const advice = "run: node .ci/complete-lock.mjs";

test("the lock file holds every optional package; without one of them npm ci refuses it", () => {
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !packages[`node_modules/${name}`])
      .filter((name) => !packages[`${path}/node_modules/${name}`]),
  );
  expect(missing, advice).toEqual([]);
});

test("every package of the lock file has an integrity hash, and none names a registry", () => {
  const installed = Object.entries(packages).filter(
    ([path, { link, inBundle }]) => path !== "" && !link && !inBundle,
  );
  expect(installed.length).toBeGreaterThan(300);
  const without = installed.filter(
    ([, { integrity }]) => !/^sha512-.{86}==$/.test(integrity ?? ""),
  );
  expect(
    without.map(([path]) => path),
    advice,
  ).toEqual([]);
  expect(installed.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
});

/** What npm 11.19 prints for `npm view @bufbuild/buf-linux-x64@1.75.0 FIELDS --json`. */
const DESCRIPTION = {
  version: "1.75.0",
  "dist.integrity":
    "sha512-YGGJAx0lpMCE7aMWjNOJcfoEaG/e+iYHnTC4SZ0P5eS4IffMryA9Z4/bb1m1wNXAEJ8ATFMEZOAk/5x9VE47ig==",
  cpu: ["x64"],
  license: "Apache-2.0",
  os: ["linux"],
  engines: { node: ">=12" },
};

const BUF = "node_modules/@bufbuild/buf-linux-x64";

/** Runs the script on the project's lock file with another entry for a package. */
function complete(entry: LockEntry | undefined, description: object): string {
  const directory = tempDirectory();
  const file = join(directory, "package-lock.json");
  const lock = read(join(root, "package-lock.json"));
  // Undefined entries are left out of the JSON.
  writeFileSync(file, JSON.stringify({ ...lock, packages: { ...lock.packages, [BUF]: entry } }));
  const npm = join(directory, "npm");
  writeFileSync(npm, `#!/bin/sh\ncat <<'END'\n${JSON.stringify(description)}\nEND\n`);
  chmodSync(npm, 0o755);
  execFileSync(process.execPath, [join(root, ".ci/complete-lock.mjs"), file], {
    env: { ...process.env, PATH: `${directory}:${process.env["PATH"] ?? ""}` },
    stdio: "pipe",
  });
  return readFileSync(file, "utf8");
}

test.each([
  ["left out", undefined],
  ["without a hash", { ...packages[BUF], integrity: undefined }],
])("a package %s is written as npm writes it", (_, entry) => {
  expect(complete(entry, DESCRIPTION)).toBe(readFileSync(join(root, "package-lock.json"), "utf8"));
});

test("a package whose hash npm does not know is not written", () => {
  const description = { ...DESCRIPTION, "dist.integrity": undefined };
  expect(() => complete(undefined, description)).toThrow(
    "npm knows no integrity hash of @bufbuild/buf-linux-x64@1.75.0",
  );
});
