import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { expect, test } from "vitest";
import { addCacheFlags, cacheConfigFromFlags, type CacheFlags } from "../../src/cli/cache-flags.js";
import { UsageError } from "../../src/cli/usage-error.js";
import { DEFAULT_MEMORY_CACHE_CONFIG } from "../../src/memory/memory-cache-config.js";
import { tempDirectory } from "../support/temp-directory.js";

function parseFlags(...args: string[]): CacheFlags {
  return addCacheFlags(new Command()).exitOverride().parse(args, { from: "user" }).opts();
}

function configFile(text: string): string {
  const file = join(tempDirectory(), "config.yaml");
  writeFileSync(file, text);
  return file;
}

test("no flags: the defaults", async () => {
  expect(await cacheConfigFromFlags(parseFlags())).toEqual(DEFAULT_MEMORY_CACHE_CONFIG);
});

test("one flag for every key", async () => {
  const limits = ["--max-bytes", "1MiB", "--max-entries", "7", "--max-entry-bytes", "1KB"];
  const flags = parseFlags("--store", "blocks", ...limits);
  expect(await cacheConfigFromFlags(flags)).toEqual({
    store: "blocks",
    maxBytes: 2 ** 20,
    maxEntries: 7,
    maxEntryBytes: 1_000,
  });
});

test("a flag overrides the file's key, and leaves the others", async () => {
  const config = configFile("maxBytes: 2MiB\nmaxEntries: 5\n");
  const flags = parseFlags("--config", config, "--max-entries", "6");
  expect(await cacheConfigFromFlags(flags)).toMatchObject({ maxBytes: 2 ** 21, maxEntries: 6 });
});

test("an empty file is an empty configuration", async () => {
  const flags = parseFlags("--config", configFile("# nothing yet\n"));
  expect(await cacheConfigFromFlags(flags)).toEqual(DEFAULT_MEMORY_CACHE_CONFIG);
});

test("a fault is laid to the flags, or else to the file", async () => {
  const wrongFlag = parseFlags("--config", configFile("maxEntries: 5"), "--max-bytes", "0");
  await expect(cacheConfigFromFlags(wrongFlag)).rejects.toThrow(UsageError);
  const config = configFile("maxEntries: none");
  const wrongFile = cacheConfigFromFlags(parseFlags("--config", config, "--max-bytes", "1MiB"));
  await expect(wrongFile).rejects.toThrow(`${config}: invalid config: /maxEntries`);
  await expect(wrongFile).rejects.not.toThrow(UsageError);
});

test("a file and flags that only together are wrong", async () => {
  const config = configFile("maxEntryBytes: 2MiB");
  await expect(
    cacheConfigFromFlags(parseFlags("--config", config, "--max-bytes", "1MiB")),
  ).rejects.toThrow(/must be at most maxBytes \(1048576\)/);
});
