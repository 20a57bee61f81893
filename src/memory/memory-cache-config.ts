import type { ErrorObject } from "ajv";
import { CacheError } from "../contract/cache-error.js";
import { parseByteSize } from "./byte-size.js";
import type { StoreLimits } from "./cache-store.js";
import {
  CONFIG_SCHEMA,
  MAX_ENTRY_BYTES,
  MAX_CACHE_BYTES,
  type StoreKind,
} from "./config-schema.js";
import { assertMemoryHolds } from "./memory-bound.js";
import { nearestName } from "./nearest-name.js";

/** The configuration of a memory cache. */
export interface MemoryCacheConfig extends StoreLimits {
  /** Where entries are kept: in an `lru-cache` (the default), or outside the heap in blocks. */
  readonly store?: StoreKind;
}

/** The store of a configuration that names none. */
export const DEFAULT_STORE: StoreKind = "lru";

export const DEFAULT_MEMORY_CACHE_CONFIG: MemoryCacheConfig = {
  store: DEFAULT_STORE,
  maxBytes: 64 * 2 ** 20,
  maxEntryBytes: MAX_ENTRY_BYTES,
};

/** What the schema lets through. */
interface RawConfig {
  readonly store?: StoreKind;
  readonly maxBytes?: number | string;
  readonly maxEntries?: number;
  readonly maxEntryBytes?: number | string;
}

/**
 * Reads a configuration, as the host sends it or a file holds it. An empty one
 * gives the defaults.
 *
 * @throws CacheError `invalid_argument` that lists every problem by its path, or says that the
 *   process cannot hold `maxBytes`
 */
export async function parseMemoryCacheConfig(
  value: Readonly<Record<string, unknown>>,
): Promise<MemoryCacheConfig> {
  const problems = await schemaProblems(value);
  const config = problems.length === 0 ? configFromRaw(value, problems) : undefined;
  if (config !== undefined && problems.length === 0) {
    assertMemoryHolds(config);
    return config;
  }
  throw new CacheError("invalid_argument", `invalid config: ${problems.join("; ")}`);
}

/** Applies what a schema of single values cannot say; adds what is wrong to `problems`. */
function configFromRaw(raw: RawConfig, problems: string[]): MemoryCacheConfig {
  const maxBytes = bytesFrom("maxBytes", raw.maxBytes, MAX_CACHE_BYTES, problems);
  const maxEntryBytes = bytesFrom("maxEntryBytes", raw.maxEntryBytes, MAX_ENTRY_BYTES, problems);
  const bound = maxBytes ?? DEFAULT_MEMORY_CACHE_CONFIG.maxBytes;
  if (maxEntryBytes !== undefined && maxEntryBytes > bound) {
    problems.push(`/maxEntryBytes: must be at most maxBytes (${bound}), got ${maxEntryBytes}`);
  }
  return {
    store: raw.store ?? DEFAULT_STORE,
    maxBytes: bound,
    maxEntryBytes: maxEntryBytes ?? Math.min(MAX_ENTRY_BYTES, bound),
    ...(raw.maxEntries === undefined ? {} : { maxEntries: raw.maxEntries }),
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

async function schemaProblems(value: Readonly<Record<string, unknown>>): Promise<string[]> {
  // Loaded when there is something to validate, so that starting up does not wait for it.
  const { Ajv2020 } = await import("ajv/dist/2020.js");
  const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(CONFIG_SCHEMA);
  return validate(value) ? [] : (validate.errors ?? []).map((error) => describe(error, value));
}

function describe(error: ErrorObject, config: Readonly<Record<string, unknown>>): string {
  if (error.keyword === "additionalProperties") {
    const { additionalProperty } = error.params as { additionalProperty: string };
    const nearest = nearestName(additionalProperty, Object.keys(CONFIG_SCHEMA.properties));
    return `/${additionalProperty}: unknown key; did you mean ${nearest}?`;
  }
  const got = JSON.stringify(config[error.instancePath.slice(1)]);
  const rule =
    error.keyword === "pattern"
      ? "must be a number of bytes or a size such as 64MiB"
      : (error.message ?? "is invalid").replace(",", " or ");
  return `${error.instancePath || "/"}: ${rule}, got ${got.slice(0, 80)}`;
}
