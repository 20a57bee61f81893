import { CacheError } from "../../contract/cache-error.js";
import { parseByteSize } from "./byte-size.js";
import type { StoreLimits } from "../cache-store.js";
import { MAX_ENTRY_BYTES } from "../../contract/entry-size.js";
import { CONFIG_SCHEMA, MAX_CACHE_BYTES, type StoreKind } from "./config-schema.js";
import { nearestName } from "../../contract/nearest-name.js";
import { schemaProblems, type SchemaProblem } from "./schema-problems.js";
import { sharedConfigProblems, type SharedCacheConfig } from "./shared-config.js";

/** The configuration of a memory cache. */
export interface MemoryCacheConfig extends StoreLimits {
  /** `lru` keeps entries in an `lru-cache`, `blocks` outside the heap. Default: `lru`. */
  readonly store?: StoreKind;
  /** The server that holds the entries, with the memory as a near cache; unset: the memory alone. */
  readonly shared?: SharedCacheConfig;
}

/** The store of a configuration without `store`. */
export const DEFAULT_STORE: StoreKind = "lru";

/** The configuration without any setting: the lru store, 64 MiB, entries just below 4 MiB. */
export const DEFAULT_MEMORY_CACHE_CONFIG: MemoryCacheConfig = {
  store: DEFAULT_STORE,
  maxBytes: 64 * 2 ** 20,
  maxEntryBytes: MAX_ENTRY_BYTES,
};

/** A configuration that the schema accepts. */
interface RawConfig {
  readonly store?: StoreKind;
  readonly maxBytes?: number | string;
  readonly maxEntries?: number;
  readonly maxEntryBytes?: number | string;
  readonly shared?: SharedCacheConfig;
}

/**
 * Reads a configuration, as the host sends it or a file contains it. An absent key has its
 * default.
 *
 * @throws CacheError `invalid_argument`; the message lists every problem with its key
 */
export function parseMemoryCacheConfig(
  value: Readonly<Record<string, unknown>>,
): MemoryCacheConfig {
  const problems = schemaProblems(CONFIG_SCHEMA, value).map((each) => describe(each, value));
  const config = problems.length === 0 ? configFromRaw(value, problems) : undefined;
  if (config !== undefined && problems.length === 0) return config;
  throw new CacheError("invalid_argument", `invalid config: ${problems.join("; ")}`);
}

/** Applies the rules that the schema cannot express, and adds violations to `problems`. */
function configFromRaw(raw: RawConfig, problems: string[]): MemoryCacheConfig {
  const maxBytes = bytesFrom("maxBytes", raw.maxBytes, MAX_CACHE_BYTES, problems);
  const maxEntryBytes = bytesFrom("maxEntryBytes", raw.maxEntryBytes, MAX_ENTRY_BYTES, problems);
  const bound = maxBytes ?? DEFAULT_MEMORY_CACHE_CONFIG.maxBytes;
  if (maxEntryBytes !== undefined && maxEntryBytes > bound) {
    problems.push(`/maxEntryBytes: must be at most maxBytes (${bound}), got ${maxEntryBytes}`);
  }
  for (const problem of sharedConfigProblems(raw.shared ?? {})) {
    problems.push(describe(problem, {}));
  }
  return {
    store: raw.store ?? DEFAULT_STORE,
    maxBytes: bound,
    maxEntryBytes: maxEntryBytes ?? Math.min(MAX_ENTRY_BYTES, bound),
    ...(raw.maxEntries === undefined ? {} : { maxEntries: raw.maxEntries }),
    ...(raw.shared === undefined ? {} : { shared: raw.shared }),
  };
}

function bytesFrom(
  name: keyof RawConfig,
  size: number | string | undefined,
  maximum: number,
  problems: string[],
): number | undefined {
  if (typeof size !== "string") return size;
  const bytes = parseByteSize(size) ?? Infinity;
  if (bytes < 1 || bytes > maximum) {
    problems.push(`/${name}: must be 1 to ${maximum} bytes, got ${JSON.stringify(size)}`);
  }
  return bytes;
}

function describe(
  { key, rule, known = [] }: SchemaProblem,
  config: Readonly<Record<string, unknown>>,
): string {
  // A value under `shared` may be a password, or hold one.
  if (rule !== undefined && /^shared(\/|$)/.test(key)) return `/${key}: ${rule}`;
  if (rule !== undefined) return `/${key}: ${rule}, got ${shown(config[key])}`;
  const nearest = nearestName(key.slice(key.lastIndexOf("/") + 1), known);
  const wayOut =
    nearest === undefined ? `the known keys are ${known.join(", ")}` : `did you mean ${nearest}?`;
  return `/${key}: unknown key; ${wayOut}`;
}

/** A wrong value as error messages show it, shortened. */
function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 80));
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" && value !== null ? "an object" : String(value).slice(0, 80);
}
