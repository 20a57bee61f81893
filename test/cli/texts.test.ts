import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { shellWord } from "../../src/cli/shell-word.js";
import { statisticsText } from "../../src/cli/statistics-text.js";

test.each(["plain/path.sock", "", "two words", "it's", '$HOME `id` "x" \\', "a\nb", "é*?"])(
  "a shell reads shellWord(%j) as one word",
  (text) => {
    const echoed = execFileSync("sh", ["-c", `printf %s ${shellWord(text)}`], { encoding: "utf8" });
    expect(echoed).toBe(text);
  },
);

test("shellWord quotes only if necessary", () => {
  expect(shellWord("/run/user/1000/cache.sock")).toBe("/run/user/1000/cache.sock");
  expect(shellWord("tcp://127.0.0.1:7070")).toBe("tcp://127.0.0.1:7070");
});

test("shellWord quotes a word that zsh would replace by the path of a command", () => {
  expect(shellWord("=ls")).toBe("'=ls'");
});

test("statisticsText writes two lines", () => {
  const statistics = {
    entries: 1,
    bytes: 1_536,
    maxBytes: 2 ** 26,
    hits: 1_234_567,
    misses: 1,
    sets: 2,
    overwrites: 0,
    deletes: 0,
    touches: 1,
    expired: 3,
    evicted: 4,
    refused: 5,
  };
  expect(statisticsText(statistics)).toBe(
    [
      "served 1,234,568 reads (1,234,567 hits, 1 miss), 2 writes, 0 deletes, 1 touch",
      "held 1 entry, 1.5 KiB of 64 MiB; 3 expired, 4 evicted, 5 refused as too large",
    ].join("\n"),
  );
});
