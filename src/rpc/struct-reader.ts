import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import type { RequestReader } from "./request-reader.js";

/** Tags of an entry of Struct's map. */
const KEY = 0x0a;
const VALUE = 0x12;
/** The tag of Struct's fields and of ListValue's values. */
const ELEMENT = 0x0a;
/** Tags of Value's kinds. */
const NULL = 0x08;
const NUMBER = 0x11;
const STRING = 0x1a;
const BOOL = 0x20;
const STRUCT = 0x2a;
const LIST = 0x32;

/** How deep messages may be nested, as in protobuf-es and most other decoders. */
const MAX_DEPTH = 100;

/**
 * Reads a message field of the type google.protobuf.Struct. Its properties are its own, also one
 * named `__proto__`.
 *
 * @param struct - the field's value so far, which is added to: protobuf merges a message field
 *   that occurs twice
 * @param depth - the nesting depth of this message; the request itself has depth 1
 * @throws Error for bytes that are not a Struct, and for messages that are nested more than 100 deep
 */
export function readStruct(reader: RequestReader, struct: JsonObject = {}, depth = 2): JsonObject {
  assertDepth(depth);
  readMessage(reader, (tag) => {
    if (tag !== ELEMENT) return false;
    readEntry(reader, struct, depth);
    return true;
  });
  return struct;
}

function readEntry(reader: RequestReader, struct: JsonObject, depth: number): void {
  let key = "";
  let value: JsonValue = null;
  readMessage(reader, (tag) => {
    if (tag === KEY) key = reader.string();
    else if (tag === VALUE) value = readValue(reader, value, depth + 1);
    else return false;
    return true;
  });
  // An assignment to `__proto__` would set the prototype.
  Object.defineProperty(struct, key, {
    value,
    configurable: true,
    enumerable: true,
    writable: true,
  });
}

/**
 * Reads a Value. Without a kind it is null, as in protobuf-es.
 *
 * @param earlier - the field's value so far
 */
function readValue(reader: RequestReader, earlier: JsonValue, depth: number): JsonValue {
  assertDepth(depth);
  let value = earlier;
  readMessage(reader, (tag) => {
    if (tag === NULL) {
      reader.int32();
      value = null;
    } else if (tag === NUMBER) value = reader.double();
    else if (tag === STRING) value = reader.string();
    else if (tag === BOOL) value = reader.bool();
    else if (tag === STRUCT) value = readStruct(reader, asObject(value), depth + 1);
    else if (tag === LIST) value = readList(reader, Array.isArray(value) ? value : [], depth + 1);
    else return false;
    return true;
  });
  return value;
}

function readList(reader: RequestReader, list: JsonValue[], depth: number): JsonValue[] {
  assertDepth(depth);
  readMessage(reader, (tag) => {
    if (tag !== ELEMENT) return false;
    list.push(readValue(reader, null, depth + 1));
    return true;
  });
  return list;
}

/** @param readField - reads the field of a tag; returns false for one that it does not know */
function readMessage(reader: RequestReader, readField: (tag: number) => boolean): void {
  const end = reader.beginDelimited();
  while (reader.pos < end) {
    const tag = reader.readTag();
    if (!readField(tag)) reader.skipField(tag);
  }
  reader.endDelimited(end);
}

function asObject(value: JsonValue): JsonObject | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
}

function assertDepth(depth: number): void {
  if (depth > MAX_DEPTH) {
    throw new Error(`messages are nested more than ${MAX_DEPTH} deep`);
  }
}
