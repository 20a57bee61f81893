import { CacheError, quoteKey } from "../contract/cache-error.js";
import { describeType } from "../contract/describe-type.js";

/** gRPC's rule for the values of headers: spaces and printable ASCII characters. */
const METADATA_TEXT = /^[\x20-\x7e]*$/;

/** gRPC implementations refuse headers of more than 8 KiB in all. */
const MAX_LENGTH = 4_096;

/**
 * Reads a text that is sent in a header of every call: the name of a binding, or a token.
 * White space around it is removed; undefined and null are empty.
 *
 * @param what - what it is and where it comes from, for errors, which never show it
 * @throws CacheError `invalid_argument` for a text that no header can hold
 */
export function parseMetadataText(text: unknown, what: string): string {
  const refuse = (problem: string): never => {
    throw new CacheError("invalid_argument", `${what} ${problem}`);
  };
  if (text === undefined || text === null) return "";
  if (typeof text !== "string") return refuse(`must be a string (got ${describeType(text)})`);
  const trimmed = text.trim();
  if (!METADATA_TEXT.test(trimmed)) {
    return refuse("is sent as a header, and must consist of printable ASCII characters");
  }
  if (trimmed.length > MAX_LENGTH) {
    return refuse(`has ${trimmed.length} characters, the limit is ${MAX_LENGTH}`);
  }
  return trimmed;
}

/**
 * Reads the name of a binding that is sent in a header: see {@link parseMetadataText}.
 *
 * @throws CacheError `invalid_argument`, with the name, when no header can hold it
 */
export function parseBindingName(name: unknown): string {
  const what = typeof name === "string" ? `binding name ${quoteKey(name)}` : "binding name";
  return parseMetadataText(name, what);
}
