import type { ErrorObject } from "ajv";
import { CacheError } from "../contract/cache-error.js";
import { parseByteSize } from "./byte-size.js";
import { CONFIG_SCHEMA, DEFAULT_MAX_ENTRY_BYTES, MAX_CACHE_BYTES } from "./config-schema.js";
import { nearestName } from "./nearest-name.js";

/** The limits of a cache. */
export interface MemoryCacheConfig {
  /** Bound on the memory that entries take, bookkeeping included, in bytes. */
  readonly maxBytes: number;
  /** Bound on the number of entries; unset: none. */
  readonly maxEntries?: number;
  /** Largest entry accepted, key and value together, in bytes. */
  readonly maxEntryBytes: number;
}

export const DEFAULT_MEMORY_CACHE_CONFIG: MemoryCacheConfig = {
  maxBytes: 64 * 2 ** 20,
  maxEntryBytes: DEFAULT_MAX_ENTRY_BYTES,
};

/** What the schema lets through. */
interface RawConfig {
  readonly maxBytes?: number | string;
  readonly maxEntries?: number;
  readonly maxEntryBytes?: number | string;
}

/**
 * Reads a configuration, as the host sends it or a file holds it. An empty one
 * gives the defaults.
 *
 * @throws CacheError `invalid_argument` that lists every problem by its path
 */
export async function parseMemoryCacheConfig(
  value: Readonly<Record<string, unknown>>,
): Promise<MemoryCacheConfig> {
  if (Object.keys(value).length === 0) return DEFAULT_MEMORY_CACHE_CONFIG;
  const problems = await schemaProblems(value);
  const config = problems.length === 0 ? configFromRaw(value, problems) : undefined;
  if (config !== undefined && problems.length === 0) return config;
  throw new CacheError("invalid_argument", `invalid config: ${problems.join("; ")}`);
}

/** Applies what a schema of single values cannot say; adds what is wrong to `problems`. */
function configFromRaw(raw: RawConfig, problems: string[]): MemoryCacheConfig {
  const maxBytes = bytesFrom("maxBytes", raw.maxBytes, problems);
  const maxEntryBytes = bytesFrom("maxEntryBytes", raw.maxEntryBytes, problems);
  const bound = maxBytes ?? DEFAULT_MEMORY_CACHE_CONFIG.maxBytes;
  if (maxEntryBytes !== undefined && maxEntryBytes > bound) {
    problems.push(`/maxEntryBytes: must be at most maxBytes (${bound}), got ${maxEntryBytes}`);
  }
  return {
    maxBytes: bound,
    maxEntryBytes: maxEntryBytes ?? Math.min(DEFAULT_MAX_ENTRY_BYTES, bound),
    ...(raw.maxEntries === undefined ? {} : { maxEntries: raw.maxEntries }),
  };
}

function bytesFrom(
  name: keyof RawConfig,
  size: number | string | undefined,
  problems: string[],
): number | undefined {
  if (typeof size !== "string") return size;
  const bytes = parseByteSize(size) ?? Infinity;
  if (bytes < 1 || bytes > MAX_CACHE_BYTES) {
    problems.push(`/${name}: must be 1 to ${MAX_CACHE_BYTES} bytes, got ${JSON.stringify(size)}`);
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
