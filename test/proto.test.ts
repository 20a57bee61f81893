import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../proto");
const files = readdirSync(ROOT, { recursive: true, encoding: "utf8" }).filter((file) =>
  file.endsWith(".proto"),
);

test.each(files)("%s names its Go package, which protoc-gen-go requires", (file) => {
  const packages = readFileSync(join(ROOT, file), "utf8").match(/^option go_package = ".+";$/gm);
  expect(packages).toHaveLength(1);
});
