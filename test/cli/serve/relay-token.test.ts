import { chmodSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { expect, test } from "vitest";
import { relayTokenFrom } from "../../../src/cli/serve/relay-token.js";
import { tempDirectory } from "../../support/temp-directory.js";

function tokenFile(content: string | Uint8Array, mode = 0o600): string {
  const path = join(tempDirectory(), "token");
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}

test("relayTokenFrom returns undefined without a token", () => {
  expect(relayTokenFrom({}, {})).toBeUndefined();
  expect(relayTokenFrom({}, { GESTALT_CACHE_TOKEN: "" })).toBeUndefined();
});

test("the token comes from a flag", () => {
  expect(relayTokenFrom({ token: " a$b " }, { GESTALT_CACHE_TOKEN: "other" })).toEqual({
    text: "a$b",
    shellWord: "'a$b'",
  });
});

test("the token comes from a file, without its line break", () => {
  const path = tokenFile("\n s3cret\r\n");
  expect(relayTokenFrom({ tokenFile: path }, { GESTALT_CACHE_TOKEN: "other" })).toEqual({
    text: "s3cret",
    shellWord: `"$(cat ${path})"`,
  });
});

test("the shell word of a token file has an absolute path", () => {
  const path = relative(process.cwd(), tokenFile("s3cret"));
  expect(relayTokenFrom({ tokenFile: path }, {})?.shellWord).toBe(`"$(cat ${resolve(path)})"`);
});

test("the token comes from the environment, and its shell word does not show it", () => {
  expect(relayTokenFrom({}, { GESTALT_CACHE_TOKEN: "s3cret" })).toEqual({
    text: "s3cret",
    shellWord: '"$GESTALT_CACHE_TOKEN"',
  });
});

test.each([
  [0o644, true],
  [0o604, true],
  [0o640, false],
  [0o600, false],
])("a token file of mode %o causes a warning: %s", (mode, isWarned) => {
  const path = tokenFile("s3cret", mode);
  const warning = `every user of this machine can read the token in ${path}; run: chmod 600 ${path}`;
  const token = relayTokenFrom({ tokenFile: path }, {});
  expect(token?.warning).toBe(isWarned ? warning : undefined);
});

test("--token together with --token-file fails", () => {
  const flags = { token: "a", tokenFile: "b" };
  expect(() => relayTokenFrom(flags, {})).toThrow("use either --token or --token-file, not both");
});

test("a missing token file fails", () => {
  const path = join(tempDirectory(), "nope");
  expect(() => relayTokenFrom({ tokenFile: path }, {})).toThrow(
    `cannot read ${path}: the file does not exist`,
  );
});

test.each([
  ["nothing but space", " \n", "the token is empty"],
  ["two words", "two words", "one word of printable ASCII"],
  ["what a header cannot carry", "tökén", "one word of printable ASCII"],
  ["bytes", new Uint8Array([1, 2, 255]), "one word of printable ASCII"],
  ["4,097 characters", "x".repeat(4_097), "has 4097 characters, above the limit of 4096"],
])("a token of %s fails, and the error does not show it", (_, content, message) => {
  const path = tokenFile(content);
  expect(() => relayTokenFrom({ tokenFile: path }, {})).toThrow(message);
  const text = Buffer.from(content).toString().trim();
  const shown = (): string => {
    try {
      relayTokenFrom({ tokenFile: path }, {});
      return "";
    } catch (error) {
      return String(error);
    }
  };
  if (text !== "") expect(shown()).not.toContain(text);
});
