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
  file("größe", Buffer.from("text")),
];

test("system tar unpacks an archive with modes, bytes and times", async () => {
  const directory = tempDirectory();
  const tar = join(directory, "x.tar");
  writeFileSync(tar, await writeTar(FILES));
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

test("an archive reads back as written, and the order of files does not matter", async () => {
  const tar = await writeTar(FILES);
  expect((await writeTar([...FILES].reverse())).equals(tar)).toBe(true);
  const read = await readTar(tar);
  const expected = [...FILES].sort((a, b) => (a.path < b.path ? -1 : 1));
  expect(read.map(({ path, isExecutable }) => [path, isExecutable])).toEqual(
    expected.map(({ path, isExecutable }) => [path, isExecutable]),
  );
  expect(read.every(({ bytes }, index) => expected[index]?.bytes.length === bytes.length)).toBe(
    true,
  );
});

test("an archive refuses a path that occurs twice and a path that is too long", async () => {
  const twice = [file("a", Buffer.alloc(1)), file("a", Buffer.alloc(2))];
  await expect(writeTar(twice)).rejects.toThrow('"a" occurs twice');
  const tooLong = [file("ä".repeat(51), Buffer.alloc(1))];
  await expect(writeTar(tooLong)).rejects.toThrow("longer than 100 bytes");
});

test("a changed bit in a header or in the padding is detected", async () => {
  const content = Buffer.from("content");
  const tar = await writeTar([file("manifest.yaml", content)]);
  for (let offset = 0; offset < 2048; offset++) {
    const isContent = offset >= 512 && offset < 512 + content.length;
    // The content is what checksums are for.
    if (isContent) continue;
    const tampered = Buffer.from(tar);
    tampered[offset] = (tampered[offset] ?? 0) ^ 1;
    await expect(readTar(tampered), `byte ${offset}`).rejects.toThrow();
  }
});

test("an archive that another tool wrote is refused", async () => {
  const directory = tempDirectory();
  writeFileSync(join(directory, "a"), "text");
  execFileSync("tar", ["-cf", join(directory, "x.tar"), "-C", directory, "a"]);
  const other = readTar(readFileSync(join(directory, "x.tar")));
  await expect(other).rejects.toThrow("not written reproducibly");
  const longer = Buffer.concat([await writeTar(FILES), Buffer.alloc(512)]);
  await expect(readTar(longer)).rejects.toThrow();
});
