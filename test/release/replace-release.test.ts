import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { replaceRelease } from "../../src/release/replace-release.js";
import { tempDirectory } from "../support/temp-directory.js";

/** A directory with one file, and the place where it is to go. */
function finishedRelease(): { finished: string; place: string } {
  const directory = tempDirectory();
  const finished = join(directory, ".release-x");
  mkdirSync(finished, { mode: 0o700 });
  writeFileSync(join(finished, "provider-release.yaml"), "");
  return { finished, place: join(directory, "release") };
}

test("a release is written to a new directory that every user can read", async () => {
  const { finished, place } = finishedRelease();
  await replaceRelease(place, finished);
  expect(readdirSync(place)).toEqual(["provider-release.yaml"]);
  expect(statSync(place).mode & 0o777).toBe(0o755);
  expect(existsSync(finished)).toBe(false);
});

test.each([
  ["an empty directory", []],
  ["an earlier release", ["provider-release.yaml", "old.tar.gz"]],
])("a release replaces %s", async (_, present) => {
  const { finished, place } = finishedRelease();
  mkdirSync(place);
  for (const file of present) writeFileSync(join(place, file), "old");
  await replaceRelease(place, finished);
  expect(readdirSync(place)).toEqual(["provider-release.yaml"]);
});

test("a release does not replace a directory with other files", async () => {
  const { finished, place } = finishedRelease();
  mkdirSync(place);
  writeFileSync(join(place, "precious"), "");
  await expect(replaceRelease(place, finished)).rejects.toThrow("holds files, but no release");
  expect(readdirSync(place)).toEqual(["precious"]);
});

test("a release does not replace a file", async () => {
  const { finished, place } = finishedRelease();
  writeFileSync(place, "");
  await expect(replaceRelease(place, finished)).rejects.toThrow("is not a directory");
  expect(statSync(place).isFile()).toBe(true);
});
