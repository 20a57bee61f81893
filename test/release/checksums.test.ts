import { expect, test } from "vitest";
import { formatChecksums, parseChecksums } from "../../src/release/checksums.js";

const A = "a".repeat(64);
const B = "b".repeat(64);

test("a list of checksums has one line for each file, sorted by name, and is parsed back", () => {
  const text = formatChecksums(
    new Map([
      ["z.tar.gz", A],
      ["b.tar.gz", B],
    ]),
  );
  expect(text).toBe(`${B}  b.tar.gz\n${A}  z.tar.gz\n`);
  expect([...parseChecksums(text)]).toEqual([
    ["b.tar.gz", B],
    ["z.tar.gz", A],
  ]);
});

test.each([
  ["without its end", `${A}  a`],
  ["unsorted", `${A}  b\n${A}  a\n`],
  ["twice", `${A}  a\n${B}  a\n`],
  ["with a path out of the release", `${A}  x/../../a\n`],
  ["with an absolute path", `${A}  /a\n`],
  ["with one space", `${A} a\n`],
  ["in capitals", `${A.toUpperCase()}  a\n`],
  ["cut short", `${A.slice(1)}  a\n`],
  ["with an empty line", `${A}  a\n\n`],
])("a wrong list of checksums is refused: %s", (_, text) => {
  expect(() => parseChecksums(text)).toThrow();
});
