import { CacheError, quoteKey } from "../contract/cache-error.js";
import { describeType } from "../contract/describe-type.js";

/** gRPC's rule for text metadata: spaces and printable ASCII characters. */
const METADATA_TEXT = /^[\x20-\x7e]*$/;

/** In characters. gRPC implementations refuse headers of more than 8 KiB in total. */
const MAX_LENGTH = 4_096;

/**
 * Reads a text to be sent as a header: the name of a binding, or a token. White space around it
 * is removed. Undefined and null count as empty.
 *
 * @param what - the beginning of the error message: what the text is and where it comes from. The
 *   message does not show the text
 * @throws CacheError `invalid_argument` for anything but a string, and for a string that cannot be
 *   sent as a header
 */
export function parseMetadataText(text: unknown, what: string): string {
  const refuse = (problem: string): never => {
    throw new CacheError("invalid_argument", `${what} ${problem}`);
  };
  if (text === undefined || text === null) return "";
  if (typeof text !== "string") return refuse(`must be a string (got ${describeType(text)})`);
  const trimmed = text.trim();
  if (!METADATA_TEXT.test(trimmed)) {
    return refuse("is sent as a header and must contain only printable ASCII characters");
  }
  if (trimmed.length > MAX_LENGTH) {
    return refuse(`has ${trimmed.length} characters, above the limit of ${MAX_LENGTH}`);
  }
  return trimmed;
}

/**
 * Reads the name of a binding: see {@link parseMetadataText}.
 *
 * @throws CacheError `invalid_argument`, with the name, when it cannot be sent as a header
 */
export function parseBindingName(name: unknown): string {
  const what = typeof name === "string" ? `binding name ${quoteKey(name)}` : "binding name";
  return parseMetadataText(name, what);
}
