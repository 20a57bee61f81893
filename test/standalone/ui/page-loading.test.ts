import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const SRC = join(import.meta.dirname, "../../../src");

test("the page is loaded only when it is asked for: by dynamic imports", () => {
  const found = readdirSync(SRC, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.startsWith("standalone/ui/"))
    .flatMap((file) => {
      const source = readFileSync(join(SRC, file), "utf8");
      const lines = source.match(/^.*["'](?:[^"']*\/ui\/[^"']*|#page)["'].*$/gm) ?? [];
      return lines.map((line) => ({ file, line: line.trim() }));
    });
  const isTypeOnly = (line: string): boolean => line.startsWith("import type ");
  const dynamic = found.filter(({ line }) => line.includes("import("));
  expect(dynamic.map(({ file }) => file).sort()).toEqual([
    "cli/serve-command.ts",
    "standalone/ephemeral-cache.ts",
  ]);
  expect(found.filter((each) => !dynamic.includes(each) && !isTypeOnly(each.line))).toEqual([]);
});
