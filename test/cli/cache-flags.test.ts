import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { expect, test } from "vitest";
import { addCacheFlags, cacheConfigFromFlags, type CacheFlags } from "../../src/cli/cache-flags.js";
import { UsageError } from "../../src/cli/usage-error.js";
import { DEFAULT_MEMORY_CACHE_CONFIG } from "../../src/memory/config/memory-cache-config.js";
import { tempDirectory } from "../support/temp-directory.js";

function parseFlags(...args: string[]): CacheFlags {
  return addCacheFlags(new Command()).exitOverride().parse(args, { from: "user" }).opts();
}

function configFile(text: string): string {
  const file = join(tempDirectory(), "config.yaml");
  writeFileSync(file, text);
  return file;
}

test("no flags mean the defaults", async () => {
  expect(await cacheConfigFromFlags(parseFlags(), 1)).toEqual(DEFAULT_MEMORY_CACHE_CONFIG);
});

test("there is a flag for every key of a configuration", async () => {
  const limits = ["--max-bytes", "1MiB", "--max-entries", "7", "--max-entry-bytes", "1KB"];
  const flags = parseFlags("--store", "blocks", ...limits);
  expect(await cacheConfigFromFlags(flags, 1)).toEqual({
    store: "blocks",
    maxBytes: 2 ** 20,
    maxEntries: 7,
    maxEntryBytes: 1_000,
  });
});

test("a flag overrides the file's key and no other key", async () => {
  const config = configFile("maxBytes: 2MiB\nmaxEntries: 5\n");
  const flags = parseFlags("--config", config, "--max-entries", "6");
  expect(await cacheConfigFromFlags(flags, 1)).toMatchObject({ maxBytes: 2 ** 21, maxEntries: 6 });
});

test("an empty file is an empty configuration", async () => {
  const flags = parseFlags("--config", configFile("# nothing yet\n"));
  expect(await cacheConfigFromFlags(flags, 1)).toEqual(DEFAULT_MEMORY_CACHE_CONFIG);
});

test("an error names the wrong flag or the wrong file", async () => {
  const wrongFlag = parseFlags("--config", configFile("maxEntries: 5"), "--max-bytes", "0");
  await expect(cacheConfigFromFlags(wrongFlag, 1)).rejects.toThrow(UsageError);
  const config = configFile("maxEntries: none");
  const wrongFile = cacheConfigFromFlags(parseFlags("--config", config, "--max-bytes", "1MiB"), 1);
  await expect(wrongFile).rejects.toThrow(`${config}: invalid config: /maxEntries`);
  await expect(wrongFile).rejects.not.toThrow(UsageError);
});

test("an error for a file and flags that are wrong only together names the file", async () => {
  const config = configFile("maxEntryBytes: 2MiB");
  await expect(
    cacheConfigFromFlags(parseFlags("--config", config, "--max-bytes", "1MiB"), 1),
  ).rejects.toThrow(/must be at most maxBytes \(1048576\)/);
});

test("a flag accepts a number of 16 digits, as a file does", async () => {
  const flags = parseFlags("--max-entries", "9007199254740991");
  expect(await cacheConfigFromFlags(flags, 1)).toMatchObject({ maxEntries: 9_007_199_254_740_991 });
});

test.each([
  ["maxBytes", "--max-bytes", "1048576"],
  ["maxBytes", "--max-bytes", "1e9"],
  ["maxBytes", "--max-bytes", "1.5 GB"],
  ["maxBytes", "--max-bytes", "68719476736"],
  ["maxBytes", "--max-bytes", "68719476737"],
  ["maxBytes", "--max-bytes", "64GiB"],
  ["maxBytes", "--max-bytes", "65GiB"],
  ["maxBytes", "--max-bytes", "64M"],
  ["maxBytes", "--max-bytes", "-5"],
  ["maxBytes", "--max-bytes", "0"],
  ["maxBytes", "--max-bytes", "1.5"],
  ["maxBytes", "--max-bytes", "lots"],
  ["maxEntryBytes", "--max-entry-bytes", "1KiB"],
  ["maxEntryBytes", "--max-entry-bytes", "1 TiB"],
  ["maxEntryBytes", "--max-entry-bytes", "9".repeat(30)],
  ["maxEntries", "--max-entries", "1"],
  ["maxEntries", "--max-entries", "9007199254740991"],
  ["maxEntries", "--max-entries", "9007199254740993"],
  ["maxEntries", "--max-entries", "1e6"],
  ["maxEntries", "--max-entries", "0"],
  ["maxEntries", "--max-entries", "-1"],
  ["maxEntries", "--max-entries", "1.5"],
  ["maxEntries", "--max-entries", "ten"],
  ["maxEntries", "--max-entries", "0x10"],
  ["maxEntries", "--max-entries", "0X10"],
  ["maxEntries", "--max-entries", "0o17"],
  ["maxEntries", "--max-entries", "010"],
  ["maxEntries", "--max-entries", ".5e1"],
  ["maxEntries", "--max-entries", "5."],
  ["maxEntries", "--max-entries", "+5"],
  ["maxEntries", "--max-entries", "1_000"],
  ["maxEntries", "--max-entries", ".inf"],
  ["maxEntries", "--max-entries", "Infinity"],
  ["maxBytes", "--max-bytes", "0x100000"],
  ["maxBytes", "--max-bytes", "0x100000B"],
  ["maxBytes", "--max-bytes", "1e400"],
])(
  "the key %s of a file and the flag %s accept and reject the same: %s",
  async (key, flag, text) => {
    const outcome = async (config: string, ...flags: string[]): Promise<unknown> => {
      try {
        return await cacheConfigFromFlags(parseFlags("--config", configFile(config), ...flags), 1);
      } catch {
        return "refused";
      }
    };
    expect(await outcome("", flag, text)).toEqual(await outcome(`${key}: ${text}`));
  },
);

test("an empty flag is neither a number nor a size", () => {
  for (const flag of ["--max-bytes", "--max-entries", "--max-entry-bytes"]) {
    expect(() => parseFlags(flag, "")).toThrow(flag);
  }
});
