import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readTar, writeTar, type ArchiveFile } from "../../src/release/archive/tar-archive.js";
import { tempDirectory } from "../support/temp-directory.js";

function file(path: string, bytes: Uint8Array, isExecutable = false): ArchiveFile {
  return { path, bytes, isExecutable };
}

const FILES = [
  file("run", randomBytes(1000), true),
  file("empty", Buffer.alloc(0)),
  file("docs/block.txt", randomBytes(512)),
  file(`${"d".repeat(95)}/long`, Buffer.from("text")),
];

test("system tar unpacks it, with modes, bytes and times", () => {
  const directory = tempDirectory();
  const tar = join(directory, "x.tar");
  writeFileSync(tar, writeTar(FILES));
  execFileSync("tar", ["-xpf", tar, "-C", directory]);
  for (const { path, bytes, isExecutable } of FILES) {
    expect(readFileSync(join(directory, path)).equals(bytes)).toBe(true);
    expect(statSync(join(directory, path)).mode & 0o777).toBe(isExecutable ? 0o755 : 0o644);
    expect(statSync(join(directory, path)).mtimeMs).toBe(0);
  }
  const listing = execFileSync("tar", ["--numeric-owner", "-tvf", tar], { encoding: "utf8" });
  const lines = listing.trim().split("\n");
  expect(lines).toHaveLength(FILES.length);
  expect(lines.every((line) => /^-rw[x-]r-[x-]r-[x-] 0\/0 /.test(line))).toBe(true);
  const names = lines.map((line) => line.split(" ").at(-1));
  expect(names).toEqual([...names].sort());
});

test("it reads back what it wrote, and order makes no difference", () => {
  const tar = writeTar(FILES);
  expect(writeTar([...FILES].reverse()).equals(tar)).toBe(true);
  const read = readTar(tar);
  const expected = [...FILES].sort((a, b) => (a.path < b.path ? -1 : 1));
  expect(read.map(({ path, isExecutable }) => [path, isExecutable])).toEqual(
    expected.map(({ path, isExecutable }) => [path, isExecutable]),
  );
  expect(read.every(({ bytes }, index) => expected[index]?.bytes.length === bytes.length)).toBe(
    true,
  );
});

test("a path twice, and one that does not fit, are refused", () => {
  const twice = [file("a", Buffer.alloc(1)), file("a", Buffer.alloc(2))];
  expect(() => writeTar(twice)).toThrow('"a" is there twice');
  expect(() => writeTar([file("ä".repeat(51), Buffer.alloc(1))])).toThrow("longer than 100 bytes");
});

test("no byte of a header or of the padding can be another", () => {
  const content = Buffer.from("content");
  const tar = writeTar([file("manifest.yaml", content)]);
  for (let offset = 0; offset < 2048; offset++) {
    const isContent = offset >= 512 && offset < 512 + content.length;
    // The content is what checksums are for.
    if (isContent) continue;
    const tampered = Buffer.from(tar);
    tampered[offset] = (tampered[offset] ?? 0) ^ 1;
    // A letter of the name is the one thing that may be another; the manifest then lacks.
    const isName = offset < "manifest.yaml".length;
    let names: string[] = [];
    expect(() => (names = readTar(tampered).map(({ path }) => path)), `byte ${offset}`).toThrow();
    expect(isName && names.includes("manifest.yaml")).toBe(false);
  }
});

test("an archive that other tools wrote is refused", () => {
  const directory = tempDirectory();
  writeFileSync(join(directory, "a"), "text");
  execFileSync("tar", ["-cf", join(directory, "x.tar"), "-C", directory, "a"]);
  expect(() => readTar(readFileSync(join(directory, "x.tar")))).toThrow("not written reproducibly");
  expect(() => readTar(Buffer.concat([writeTar(FILES), Buffer.alloc(512)]))).toThrow();
});
