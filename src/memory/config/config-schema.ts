import { MAX_ENTRY_BYTES } from "../../contract/entry-size.js";
import type { ConfigSchema } from "./schema-problems.js";
import { SHARED_SCHEMA } from "./shared-schema.js";

/** The largest `maxBytes`: 64 GiB. */
export const MAX_CACHE_BYTES = 64 * 2 ** 30;

/** The stores that a configuration may name. */
export const STORE_KINDS = ["lru", "blocks"] as const;

/** One of {@link STORE_KINDS}. */
export type StoreKind = (typeof STORE_KINDS)[number];

const SIZE_PATTERN = "^[0-9]+(\\.[0-9]+)? *(([kKmMgG][iI]?)?[bB])?$";

/**
 * The JSON Schema of the provider's configuration. The host validates with `cache_config.json`,
 * which is the same schema; a test compares them.
 */
export const CONFIG_SCHEMA = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "In-memory cache",
  description: "Configuration of the in-memory cache provider.",
  type: "object",
  additionalProperties: false,
  properties: {
    store: {
      description:
        "Where entries are kept: in an lru-cache (lru), or in blocks outside the JavaScript heap, which holds about twice as many small entries (blocks).",
      type: "string",
      enum: STORE_KINDS,
      default: "lru",
    },
    maxBytes: {
      description:
        "Bound on the memory that entries take, keys and bookkeeping included: a number of bytes, or text such as 64MiB.",
      type: ["integer", "string"],
      minimum: 1,
      maximum: MAX_CACHE_BYTES,
      pattern: SIZE_PATTERN,
      examples: ["64MiB"],
      default: "64MiB",
    },
    maxEntries: {
      description:
        "Bound on the number of entries. Unset: only maxBytes bounds the cache; the lru store also holds at most 8,388,608 entries.",
      type: "integer",
      minimum: 1,
      maximum: Number.MAX_SAFE_INTEGER,
    },
    maxEntryBytes: {
      description:
        "Largest entry accepted, key and value together: a number of bytes, or text such as 1MiB. The default and maximum is what one Get or GetMany can still read back; at most maxBytes.",
      type: ["integer", "string"],
      minimum: 1,
      maximum: MAX_ENTRY_BYTES,
      pattern: SIZE_PATTERN,
      examples: ["1MiB"],
      default: MAX_ENTRY_BYTES,
    },
    namespace: {
      description:
        "A label for the people who read the configuration. It does not change the keys: the host already keeps the keys of plugins apart.",
      type: "string",
    },
    shared: SHARED_SCHEMA,
  },
} as const satisfies ConfigSchema;
