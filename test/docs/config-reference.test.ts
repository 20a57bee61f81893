import { readFileSync } from "node:fs";
import { join } from "node:path";
import prettier from "prettier";
import { expect, test } from "vitest";
import { parseByteSize } from "../../src/memory/config/byte-size.js";
import { parseMemoryCacheConfig } from "../../src/memory/config/memory-cache-config.js";
import { repositoryRoot } from "../support/provider-process.js";
import { renderConfigReference, type ConfigSchema } from "./render-config-reference.js";

const schema = JSON.parse(
  readFileSync(join(repositoryRoot, "cache_config.json"), "utf8"),
) as ConfigSchema;

test("docs/configuration.md is current; `npm run generate` makes it so", async () => {
  const page = renderConfigReference(schema);
  const formatted = await prettier.format(page, { parser: "markdown", printWidth: 100 });
  await expect(formatted).toMatchFileSnapshot("../../docs/configuration.md");
});

test("the defaults in docs/configuration.md are those of an empty configuration", () => {
  const defaults: Record<string, unknown> = { ...parseMemoryCacheConfig({}) };
  for (const [key, { default: value }] of Object.entries(schema.properties)) {
    expect([key, typeof value === "string" ? (parseByteSize(value) ?? value) : value]).toEqual([
      key,
      defaults[key],
    ]);
  }
});

test("the sizes in docs/configuration.md are parsed as it says", () => {
  expect(["64MiB", "1.5GB", "800 kB", "1KIB"].map(parseByteSize)).toEqual([
    64 * 2 ** 20,
    1.5e9,
    800e3,
    1024,
  ]);
});
