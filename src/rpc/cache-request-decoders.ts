import type { CacheEntry } from "../contract/cache-provider.js";
import { assertBatchSize, MAX_BATCH_ENTRIES, MAX_GET_MANY_KEYS } from "./batch-limits.js";
import type { DurationFields } from "./duration.js";
import { RequestReader } from "./request-reader.js";
import type { RequestDecoder } from "./unary-method.js";

/** Tags: field number and wire type. All fields here are delimited. */
const FIELD_1 = 0x0a;
const FIELD_2 = 0x12;
const FIELD_3 = 0x1a;
/** Tags of Duration's fields, which are varints. */
const SECONDS = 0x08;
const NANOS = 0x10;

/** The size of an empty element: its tag and its length. */
const LEAST_ELEMENT_BYTES = 2;

const NO_BYTES: Buffer = Buffer.alloc(0);

/**
 * The decoders of the Cache service's requests, by message type. They are written by hand, since
 * the hot path decodes only these few messages.
 */
export const CACHE_REQUEST_DECODERS: ReadonlyMap<string, RequestDecoder> = new Map([
  ["gestalt.provider.v1.CacheGetRequest", decodeKey],
  ["gestalt.provider.v1.CacheDeleteRequest", decodeKey],
  ["gestalt.provider.v1.CacheGetManyRequest", (bytes) => decodeKeys(bytes, MAX_GET_MANY_KEYS)],
  ["gestalt.provider.v1.CacheDeleteManyRequest", (bytes) => decodeKeys(bytes, MAX_BATCH_ENTRIES)],
  ["gestalt.provider.v1.CacheSetRequest", decodeSet],
  ["gestalt.provider.v1.CacheSetManyRequest", decodeSetMany],
  ["gestalt.provider.v1.CacheTouchRequest", decodeTouch],
]);

function decodeKey(bytes: Buffer): object {
  const reader = new RequestReader(bytes);
  let key = "";
  while (reader.pos < reader.len) {
    const tag = reader.readTag();
    if (tag === FIELD_1) key = reader.string();
    else reader.skipField(tag);
  }
  return { key };
}

function decodeKeys(bytes: Buffer, maxKeys: number): object {
  assertElementCount(bytes, maxKeys);
  const reader = new RequestReader(bytes);
  const keys: string[] = [];
  while (reader.pos < reader.len) {
    const tag = reader.readTag();
    if (tag === FIELD_1) keys.push(reader.string());
    else reader.skipField(tag);
  }
  return { keys };
}

function decodeSet(bytes: Buffer): object {
  const reader = new RequestReader(bytes);
  let key = "";
  let value: Uint8Array = NO_BYTES;
  let ttl: DurationFields | undefined;
  while (reader.pos < reader.len) {
    const tag = reader.readTag();
    if (tag === FIELD_1) key = reader.string();
    else if (tag === FIELD_2) value = reader.bytes();
    else if (tag === FIELD_3) ttl = decodeDuration(reader, ttl);
    else reader.skipField(tag);
  }
  return { key, value, ttl };
}

function decodeSetMany(bytes: Buffer): object {
  assertElementCount(bytes, MAX_BATCH_ENTRIES);
  const reader = new RequestReader(bytes);
  const entries: CacheEntry[] = [];
  let ttl: DurationFields | undefined;
  while (reader.pos < reader.len) {
    const tag = reader.readTag();
    if (tag === FIELD_1) entries.push(decodeEntry(reader));
    else if (tag === FIELD_2) ttl = decodeDuration(reader, ttl);
    else reader.skipField(tag);
  }
  return { entries, ttl };
}

function decodeEntry(reader: RequestReader): CacheEntry {
  let key = "";
  let value: Uint8Array = NO_BYTES;
  const end = reader.beginDelimited();
  while (reader.pos < end) {
    const tag = reader.readTag();
    if (tag === FIELD_1) key = reader.string();
    else if (tag === FIELD_2) value = reader.bytes();
    else reader.skipField(tag);
  }
  reader.endDelimited(end);
  return { key, value };
}

function decodeTouch(bytes: Buffer): object {
  const reader = new RequestReader(bytes);
  let key = "";
  let ttl: DurationFields | undefined;
  while (reader.pos < reader.len) {
    const tag = reader.readTag();
    if (tag === FIELD_1) key = reader.string();
    else if (tag === FIELD_2) ttl = decodeDuration(reader, ttl);
    else reader.skipField(tag);
  }
  return { key, ttl };
}

/** @param earlier - the field's value so far: protobuf merges a message field that occurs twice */
function decodeDuration(
  reader: RequestReader,
  earlier: DurationFields | undefined,
): DurationFields {
  let { seconds, nanos } = earlier ?? { seconds: 0n, nanos: 0 };
  const end = reader.beginDelimited();
  while (reader.pos < end) {
    const tag = reader.readTag();
    if (tag === SECONDS) seconds = BigInt(reader.int64());
    else if (tag === NANOS) nanos = reader.int32();
    else reader.skipField(tag);
  }
  reader.endDelimited(end);
  return { seconds, nanos };
}

/**
 * Counts the elements of a batch before they are decoded. To decode those that are allowed, and
 * then find one too many, would take tens of milliseconds.
 */
function assertElementCount(bytes: Buffer, maxElements: number): void {
  if (bytes.length <= LEAST_ELEMENT_BYTES * maxElements) return;
  const reader = new RequestReader(bytes);
  let count = 0;
  while (reader.pos < reader.len) {
    const tag = reader.readTag();
    reader.skipField(tag);
    if (tag === FIELD_1) assertBatchSize(++count, maxElements);
  }
}
