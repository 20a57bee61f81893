import { RpcError, StatusCode } from "./rpc-error.js";

/**
 * The most entries of a SetMany, or keys of a DeleteMany. Each becomes an object of
 * some 200 bytes, and as few as two bytes of a request can ask for one.
 */
export const MAX_BATCH_ENTRIES = 32_768;

/**
 * The most keys of a GetMany. Its reply is built in one step, during which all other calls wait:
 * some 25 ms for so many keys.
 */
export const MAX_GET_MANY_KEYS = 16_384;

/**
 * The most keys or entries of any batch in JSON, which Connect decodes by reflection. It takes 2
 * to 4 microseconds for an entry, the decoders of the binary format a tenth of that.
 */
export const MAX_JSON_BATCH_ENTRIES = 16_384;

/**
 * The most values (members, elements, objects and lists) in one request in JSON. A batch needs
 * three for an entry. Values that no message declares take time as well: half a second for the
 * million lists that fit into 4 MiB.
 */
export const MAX_JSON_VALUES = 4 * MAX_JSON_BATCH_ENTRIES;

/** @throws RpcError `resource_exhausted` when a batch has more than `max` keys or entries */
export function assertBatchSize(count: number, max: number): void {
  if (count > max) throw tooManyEntries(max);
}

const COMMA = 0x2c;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING = [0x5b, 0x7b];
const CLOSING = [0x5d, 0x7d];

/** The nesting depth inside a list of a request. */
const BATCH_DEPTH = 2;

/**
 * Counts the values of a request in JSON before it is parsed. It does not check the grammar; for
 * a text that is not JSON, it bounds what a parser reads.
 *
 * @throws RpcError `resource_exhausted` when the request is a batch that is too large, or
 *   has too many values
 */
export function assertJsonSize(json: Uint8Array): void {
  let depth = 0;
  let values = 0;
  let batched = 1;
  for (let index = 0; index < json.length; index++) {
    const byte = json[index] as number;
    if (byte === QUOTE) {
      index = endOfString(json, index);
    } else if (byte === COMMA) {
      values++;
      if (depth === BATCH_DEPTH) assertBatchSize(++batched, MAX_JSON_BATCH_ENTRIES);
    } else if (OPENING.includes(byte)) {
      values++;
      depth++;
    } else if (CLOSING.includes(byte)) {
      depth--;
    }
    if (values > MAX_JSON_VALUES) {
      throw new RpcError(
        StatusCode.resourceExhausted,
        `request has more than ${MAX_JSON_VALUES} values in JSON: send fewer per call`,
      );
    }
  }
}

/** Returns the index of the quote that ends the string at `start`. */
function endOfString(json: Uint8Array, start: number): number {
  let index = start + 1;
  while (index < json.length && json[index] !== QUOTE) index += json[index] === BACKSLASH ? 2 : 1;
  return index;
}

/** Returns the error for a batch with more than `max` keys or entries. */
function tooManyEntries(max: number): RpcError {
  const text = `batch has more than ${max} entries: send fewer per call`;
  return new RpcError(StatusCode.resourceExhausted, text);
}
