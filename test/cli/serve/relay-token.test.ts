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

test("no token", () => {
  expect(relayTokenFrom({}, {})).toBeUndefined();
  expect(relayTokenFrom({}, { GESTALT_CACHE_TOKEN: "" })).toBeUndefined();
});

test("from a flag", () => {
  expect(relayTokenFrom({ token: " a$b " }, { GESTALT_CACHE_TOKEN: "other" })).toEqual({
    text: "a$b",
    shellWord: "'a$b'",
  });
});

test("from a file, without its line break", () => {
  const path = tokenFile("\n s3cret\r\n");
  expect(relayTokenFrom({ tokenFile: path }, { GESTALT_CACHE_TOKEN: "other" })).toEqual({
    text: "s3cret",
    shellWord: `"$(cat ${path})"`,
  });
});

test("a relative file is an absolute one for those who read it elsewhere", () => {
  const path = relative(process.cwd(), tokenFile("s3cret"));
  expect(relayTokenFrom({ tokenFile: path }, {})?.shellWord).toBe(`"$(cat ${resolve(path)})"`);
});

test("from the environment, which is not shown", () => {
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
])("a file of mode %o: everyone can read it is %s", (mode, isWarned) => {
  const path = tokenFile("s3cret", mode);
  const warning = `everyone on this machine can read the token in ${path}; chmod 600 it`;
  const token = relayTokenFrom({ tokenFile: path }, {});
  expect(token?.warning).toBe(isWarned ? warning : undefined);
});

test("both flags are one too many", () => {
  const flags = { token: "a", tokenFile: "b" };
  expect(() => relayTokenFrom(flags, {})).toThrow("--token and --token-file both give the token");
});

test("a file that is not there", () => {
  const path = join(tempDirectory(), "nope");
  expect(() => relayTokenFrom({ tokenFile: path }, {})).toThrow(
    `cannot read ${path}: there is no such file`,
  );
});

test.each([
  ["nothing but space", " \n", "the token is empty"],
  ["two words", "two words", "one word of printable ASCII"],
  ["what a header cannot carry", "tökén", "one word of printable ASCII"],
  ["bytes", new Uint8Array([1, 2, 255]), "one word of printable ASCII"],
  ["4,097 characters", "x".repeat(4_097), "has 4097 characters, the limit is 4096"],
])("%s is no token, and is not shown", (_, content, message) => {
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
