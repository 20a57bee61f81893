import { CacheError, quoteKey } from "./cache-error.js";
import { describeType } from "./describe-type.js";
import { MAX_ENTRY_BYTES } from "./entry-size.js";

const REQUIRED_HANDLERS = ["get", "set", "delete", "touch"] as const;

const OPTIONAL_HANDLERS = [
  "getMany",
  "setMany",
  "deleteMany",
  "configure",
  "healthCheck",
  "start",
  "close",
] as const;

/**
 * Checks the options of a provider, for authors in JavaScript: a handler that is missing would
 * otherwise fail at its first call only, and comparisons with a limit that is no number are false.
 *
 * @throws CacheError `invalid_argument` for a handler that is not a function, and for a
 *   `maxEntryBytes` other than `Infinity` or an integer from 1 to {@link MAX_ENTRY_BYTES}
 */
export function assertProviderOptions(options: unknown): void {
  if (typeof options !== "object" || options === null) {
    throw refusal("options", "an object with the handlers get, set, delete and touch", options);
  }
  const given = options as Readonly<Record<string, unknown>>;
  for (const name of REQUIRED_HANDLERS) {
    if (typeof given[name] === "function") continue;
    const wayOut = "a cache provider needs get, set, delete and touch";
    throw refusal(name, "a function", given[name], wayOut);
  }
  for (const name of OPTIONAL_HANDLERS) {
    if (given[name] === undefined || typeof given[name] === "function") continue;
    throw refusal(name, "a function, or undefined", given[name], "omit a handler that is not used");
  }
  const { maxEntryBytes = MAX_ENTRY_BYTES } = given;
  if (maxEntryBytes === Infinity || isEntrySize(maxEntryBytes)) return;
  throw refusal(
    "maxEntryBytes",
    `Infinity or an integer from 1 to ${MAX_ENTRY_BYTES}, the largest entry that a reply can hold`,
    maxEntryBytes,
    "omit it for that limit, and pass Infinity if the handlers check the size",
  );
}

function isEntrySize(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MAX_ENTRY_BYTES;
}

function refusal(name: string, rule: string, value: unknown, wayOut?: string): CacheError {
  const ending = wayOut === undefined ? "" : `; ${wayOut}`;
  return new CacheError(
    "invalid_argument",
    `${name} must be ${rule} (got ${show(value)})${ending}`,
  );
}

/** A limit is no secret: text and numbers are shown. */
function show(value: unknown): string {
  if (typeof value === "string") return quoteKey(value);
  return typeof value === "number" ? String(value) : describeType(value);
}
