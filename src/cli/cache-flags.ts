import { InvalidArgumentError, Option, type Command } from "commander";
import { parseByteSize } from "../memory/config/byte-size.js";
import { STORE_KINDS } from "../memory/config/config-schema.js";
import { assertMemoryHolds } from "../memory/config/memory-bound.js";
import {
  parseMemoryCacheConfig,
  type MemoryCacheConfig,
} from "../memory/config/memory-cache-config.js";
import { readConfigFile } from "./config-file.js";
import { UsageError } from "./usage-error.js";

/** The flags that configure a cache: a file, and one flag for each key of a configuration. */
export interface CacheFlags {
  readonly config?: string;
  readonly store?: string;
  readonly maxBytes?: number | string;
  readonly maxEntries?: number;
  readonly maxEntryBytes?: number | string;
  /** The URL of a server that holds the entries. */
  readonly shared?: string;
}

/** Adds the flags in {@link CacheFlags} to a command. */
export function addCacheFlags(command: Command): Command {
  return command
    .option("--config <file>", "configuration file, YAML or JSON; flags override it")
    .addOption(
      new Option("--store <kind>", "where to keep entries (default: lru)").choices(STORE_KINDS),
    )
    .option("--max-bytes <size>", "memory for entries, such as 64MiB (default: 64MiB)", parseSize)
    .option("--max-entries <count>", "most entries (default: no limit)", parseCount)
    .option(
      "--max-entry-bytes <size>",
      "largest entry, key and value together (default: what fits into one reply, just below 4MiB)",
      parseSize,
    )
    .option(
      "--shared <url>",
      "Valkey or Redis server that holds the entries, such as redis://localhost:6379",
    );
}

/**
 * Combines the configuration file with the flags, which override it.
 *
 * @param caches - the number of caches with this configuration in the process
 * @throws UsageError for wrong flags; Error that names the file for a wrong file
 */
export async function cacheConfigFromFlags(
  flags: CacheFlags,
  caches: number,
): Promise<MemoryCacheConfig> {
  const { config: file, store, maxBytes, maxEntries, maxEntryBytes } = flags;
  const given = Object.entries({ store, maxBytes, maxEntries, maxEntryBytes });
  const fromFlags: Record<string, unknown> = Object.fromEntries(
    given.filter(([, value]) => value !== undefined),
  );
  const fromFile = file === undefined ? {} : await readConfigFile(file);
  if (flags.shared !== undefined)
    fromFlags["shared"] = sharedFrom(flags.shared, fromFile["shared"]);
  try {
    const config = parseMemoryCacheConfig({ ...fromFile, ...fromFlags });
    assertMemoryHolds(config, caches);
    return config;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (file !== undefined && isValid(fromFlags, caches)) {
      throw new Error(`${file}: ${message}`, { cause: error });
    }
    throw new UsageError(
      message
        .replace(/^invalid config: /, "")
        .replaceAll(/\/(store|max\w+|shared)\b(?:\/url)?/g, (_, key: string) => flagFrom(key)),
    );
  }
}

/** The URL takes the place of the servers in a file, whose other keys stay. */
function sharedFrom(url: string, inFile: unknown): object {
  if (typeof inFile !== "object" || inFile === null || Array.isArray(inFile)) return { url };
  return { ...inFile, cluster: undefined, sentinel: undefined, url };
}

function isValid(config: Record<string, unknown>, caches: number): boolean {
  try {
    assertMemoryHolds(parseMemoryCacheConfig(config), caches);
    return true;
  } catch {
    return false;
  }
}

/** `maxEntryBytes` as a flag: `--max-entry-bytes`. */
function flagFrom(key: string): string {
  return `--${key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** A number of YAML's core schema, as a file may contain. The schema checks its bounds. */
const NUMBER = /^(0o[0-7]+|0x[\da-fA-F]+|[+-]?(\.\d+|\d+(\.\d*)?)([eE][+-]?\d+)?)$/;

function parseSize(text: string): number | string {
  if (NUMBER.test(text)) return Number(text);
  if (parseByteSize(text) !== undefined) return text.trim();
  throw new InvalidArgumentError("Use a number of bytes, or a size such as 64MiB.");
}

function parseCount(text: string): number {
  const count = Number(text);
  if (NUMBER.test(text) && Number.isInteger(count) && count >= 0) return count;
  throw new InvalidArgumentError("Use a whole number.");
}
