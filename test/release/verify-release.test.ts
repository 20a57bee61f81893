import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { releaseProblems } from "../../src/release/verify-release.js";
import { smallElf } from "./elf.js";
import { smallMachO } from "./mach-o.js";
import { writeSmallRelease } from "./small-release.js";

const ARCHIVE = "gestalt-plugin-memory_v1.2.3_linux_amd64.tar.gz";

function change(directory: string, file: string, from: RegExp | string, to: string): void {
  const path = join(directory, file);
  const text = readFileSync(path, "utf8");
  const changed = text.replace(from, to);
  expect(changed).not.toBe(text);
  writeFileSync(path, changed);
}

const EARLIER = "before-2026-06-05/provider-release.yaml";

function filesIn(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((file) => statSync(join(directory, file)).isFile())
    .sort();
}

function artifactsIn(directory: string, file: string): Record<string, string> {
  const { artifacts } = parse(readFileSync(join(directory, file), "utf8")) as {
    artifacts: Record<string, { path: string }>;
  };
  return Object.fromEntries(Object.entries(artifacts).map(([key, { path }]) => [key, path]));
}

test("a release is complete, in the host's layout, and the same every time", async () => {
  const directory = await writeSmallRelease();
  expect(await releaseProblems(directory)).toEqual([]);
  expect(filesIn(directory)).toEqual([
    EARLIER,
    "checksums.txt",
    "gestalt-plugin-memory_v1.2.3.cdx.json",
    "gestalt-plugin-memory_v1.2.3_darwin_arm64.tar.gz",
    ARCHIVE,
    "provider-release.yaml",
  ]);
  execFileSync("sha256sum", ["--check", "--strict", "checksums.txt"], { cwd: directory });
  const again = await writeSmallRelease();
  for (const file of filesIn(directory)) {
    expect(readFileSync(join(again, file)).equals(readFileSync(join(directory, file)))).toBe(true);
  }
});

test("newer hosts get musl and a static validation, earlier hosts glibc and none", async () => {
  const directory = await writeSmallRelease({ libcs: ["glibc", "musl"] });
  expect(await releaseProblems(directory)).toEqual([]);
  const musl = ARCHIVE.replace("amd64", "amd64_musl");
  const mac = "gestalt-plugin-memory_v1.2.3_darwin_arm64.tar.gz";
  const expected: Record<string, readonly [above: string, linux: string]> = {
    "provider-release.yaml": ["", musl],
    "glibc/provider-release.yaml": ["../", ARCHIVE],
    [EARLIER]: ["../", ARCHIVE],
    "before-2026-06-05/musl/provider-release.yaml": ["../../", musl],
  };
  const metadata = filesIn(directory).filter((file) => file.endsWith("provider-release.yaml"));
  expect(metadata).toEqual(Object.keys(expected).sort());
  for (const [file, [above, linux]] of Object.entries(expected)) {
    expect(artifactsIn(directory, file)).toEqual({
      "darwin/arm64": above + mac,
      "linux/amd64": above + linux,
    });
    const { staticValidation } = parse(readFileSync(join(directory, file), "utf8")) as object & {
      staticValidation?: { manifest: object };
    };
    expect(staticValidation !== undefined).toBe(!file.startsWith("before-"));
  }
});

test("a release for the Mac alone has one metadata for each age of hosts", async () => {
  const directory = await writeSmallRelease({ platforms: ["darwin/amd64", "darwin/arm64"] });
  expect(await releaseProblems(directory)).toEqual([]);
  expect(filesIn(directory).filter((file) => file.endsWith(".yaml"))).toEqual([
    EARLIER,
    "provider-release.yaml",
  ]);
});

test("a release as the host's own command writes it is accepted", async () => {
  const directory = await writeSmallRelease({ platforms: ["linux/amd64"] });
  rmSync(join(directory, "gestalt-plugin-memory_v1.2.3.cdx.json"));
  copyFileSync(join(directory, EARLIER), join(directory, "provider-release.yaml"));
  rmSync(join(directory, "before-2026-06-05"), { recursive: true });
  change(directory, "provider-release.yaml", "../", "");
  const digest = createHash("sha256")
    .update(readFileSync(join(directory, ARCHIVE)))
    .digest("hex");
  writeFileSync(join(directory, "checksums.txt"), `${digest}  ${ARCHIVE}\n`);
  expect(await releaseProblems(directory)).toEqual([]);
});

test("one changed byte in any file of a release is detected", { timeout: 30_000 }, async () => {
  const directory = await writeSmallRelease({ platforms: ["linux/amd64"] });
  for (const file of filesIn(directory)) {
    const path = join(directory, file);
    const bytes = readFileSync(path);
    // A part of them in every file; the checksums cover the others alike.
    const step = Math.max(1, Math.floor(bytes.length / 40));
    for (let offset = 0; offset < bytes.length; offset += step) {
      const tampered = Buffer.from(bytes);
      tampered[offset] = (tampered[offset] ?? 0) ^ 1;
      writeFileSync(path, tampered);
      expect(await releaseProblems(directory), `${file}, byte ${offset}`).not.toEqual([]);
    }
    writeFileSync(path, bytes);
  }
  expect(await releaseProblems(directory)).toEqual([]);
});

test("missing and extra files of a release are named", async () => {
  const directory = await writeSmallRelease();
  rmSync(join(directory, ARCHIVE));
  writeFileSync(join(directory, "notes.txt"), "");
  expect(await releaseProblems(directory)).toEqual([
    `${ARCHIVE}: is missing`,
    "notes.txt: is not of this release",
  ]);
  rmSync(join(directory, "provider-release.yaml"));
  expect(await releaseProblems(directory)).toEqual(["provider-release.yaml: cannot be read"]);
});

test.each([
  ["schema: gestaltd", "schema: gestalt", '/schema: must be "gestaltd-provider-release"'],
  ["schemaVersion: 1", "schemaVersion: 2", "/schemaVersion: must be 1"],
  ["kind: cache", "kind: s3", '/kind: must be "cache"'],
  ["runtime: executable", "runtime: declarative", '/runtime: must be "executable"'],
  ["artifacts:", "signed: true\nartifacts:", '/: unknown field "signed"'],
  ["linux/amd64:", "linux/x64:", "/artifacts: property name must be valid"],
  ["path: gestalt", "path: ../gestalt", "is not at the root of the release"],
  ["path: gestalt", "path: x/gestalt", "/path: must match pattern"],
  ["path: gestalt", "path: other", "other-plugin-memory_v1.2.3_darwin_arm64.tar.gz: is missing"],
  ["version: 1.2.3", "version: 1.2.4", 'version is "1.2.3", expected "1.2.4"'],
  ["version: 1.2.3", "version: 1.2.4", "is of another release than provider-release.yaml"],
  ["cache/memory", "cache/other", 'source is "github.com/'],
  ["kind:", "# a comment\nkind:", "is not what it was when its checksum was written"],
  ["displayName: In", "displayName: On", "manifest is not what staticValidation says"],
  ["spec: {}", "spec: {}\n        iconFile: icon.svg", "manifest is not what staticValidation"],
  ["spec: {}", "spec: {}\n        version: 1.2.4", "manifest is not what staticValidation"],
])(
  "a release is refused with %s in provider-release.yaml replaced by %s",
  async (from, to, problem) => {
    const directory = await writeSmallRelease();
    change(directory, "provider-release.yaml", from, to);
    expect((await releaseProblems(directory)).join("\n")).toContain(problem);
  },
);

test.each([
  [/^.*cdx\.json\n/m, "", "cdx.json is not listed"],
  [/^/, `${"0".repeat(64)}  aaa\n`, "aaa is not of this release"],
  [/ {2}/, " ", "not a checksum"],
  [/\n$/, "", "expected one line for each file"],
])("a release is refused with %s in checksums.txt replaced by %j", async (from, to, problem) => {
  const directory = await writeSmallRelease();
  change(directory, "checksums.txt", from, to);
  expect((await releaseProblems(directory)).join("\n")).toContain(problem);
});

test.each([
  ["another platform's", smallElf("arm64", "/lib/ld.so"), '"linux/arm64", expected "linux/amd64"'],
  ["another system's", smallMachO("amd64"), '"darwin/amd64", expected "linux/amd64"'],
  ["no executable", Buffer.from("#!/bin/sh\n"), '"no known platform", expected "linux/amd64"'],
])("a release is refused when its executable is %s", async (_, executable, problem) => {
  const directory = await writeSmallRelease({ platforms: ["linux/amd64"], executable });
  expect((await releaseProblems(directory)).join("\n")).toContain(problem);
});

test("a release for musl is refused when its executable needs glibc", async () => {
  const executable = smallElf("amd64", "/lib64/ld-linux-x86-64.so.2");
  const options = { platforms: ["linux/amd64"], libcs: ["musl"], executable } as const;
  const directory = await writeSmallRelease(options);
  expect((await releaseProblems(directory)).join("\n")).toContain(
    'executable\'s C library is "glibc", expected "musl"',
  );
});

test("a release is refused when the signature of its Mac executable is wrong", async () => {
  const executable = smallMachO("arm64");
  const directory = await writeSmallRelease({ platforms: ["darwin/arm64"], executable });
  expect((await releaseProblems(directory)).join("\n")).toContain(
    "executable has a signature without",
  );
});
