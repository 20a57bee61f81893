/** What a field holds, as far as it decides whether a message is sound. */
export type FieldShape = "string" | "bytes" | "varint" | MessageShape;

/** The fields of a message by number; all others are unknown to it. */
export interface MessageShape {
  readonly [fieldNumber: number]: FieldShape;
}

/** What can be said of a message's bytes; in doubt is what parsers disagree about. */
export type Soundness = "sound" | "broken" | "doubtful";

/** How deep groups may be nested, at least; deeper ones are in doubt up to ten times that. */
const GROUP_DEPTH = 100;

class Broken extends Error {}
class Doubtful extends Error {}

/** Hears of every field that is a number, of the message and of those inside it. */
export type HearNumber = (shape: MessageShape, fieldNumber: number, value: bigint) => void;

/**
 * Whether bytes are a message, by the protobuf specification to the letter: a
 * reader of its own, so that no bug is shared with those that it is held against.
 */
export function soundnessOf(bytes: Buffer, shape: MessageShape, hear: HearNumber): Soundness {
  try {
    readMessage(bytes, shape, hear);
    return "sound";
  } catch (error) {
    if (error instanceof Broken) return "broken";
    if (error instanceof Doubtful) return "doubtful";
    throw error;
  }
}

function readMessage(bytes: Buffer, shape: MessageShape, hear: HearNumber): void {
  for (let rest = bytes; rest.length > 0;) rest = readField(rest, shape, hear, 0);
}

/** Reads one field; gives what follows it. */
function readField(bytes: Buffer, shape: MessageShape, hear: HearNumber, depth: number): Buffer {
  const tag = readTag(bytes);
  switch (tag.wireType) {
    case 0: {
      const { value, rest } = depth > 0 ? readVarintInGroup(tag.rest) : readVarint(tag.rest);
      if (shape[tag.fieldNumber] === "varint") hear(shape, tag.fieldNumber, value);
      return rest;
    }
    case 1:
      return take(tag.rest, 8n).rest;
    case 2:
      return readDelimited(tag.rest, shape[tag.fieldNumber], hear);
    case 3:
      return readGroup(tag.rest, tag.fieldNumber, depth + 1);
    case 5:
      return take(tag.rest, 4n).rest;
    default:
      throw new Broken();
  }
}

function readTag(bytes: Buffer): { fieldNumber: number; wireType: number; rest: Buffer } {
  const { value, rest } = readVarint(bytes);
  if (value >= 2n ** 32n) throw new Doubtful();
  const fieldNumber = Number(value >> 3n);
  if (fieldNumber === 0) throw new Broken();
  return { fieldNumber, wireType: Number(value & 7n), rest };
}

function readDelimited(bytes: Buffer, field: FieldShape | undefined, hear: HearNumber): Buffer {
  const length = readVarint(bytes);
  if (length.value >= 2n ** 32n) throw new Doubtful();
  const { taken, rest } = take(length.rest, length.value);
  if (field === "string" && !isUtf8(taken)) throw new Broken();
  if (typeof field === "object") readMessage(taken, field, hear);
  return rest;
}

function readGroup(bytes: Buffer, fieldNumber: number, depth: number): Buffer {
  if (depth > 10 * GROUP_DEPTH) throw new Broken();
  let rest = bytes;
  for (;;) {
    const tag = readTag(rest);
    if (tag.wireType === 4) {
      if (tag.fieldNumber !== fieldNumber) throw new Broken();
      if (depth > GROUP_DEPTH) throw new Doubtful();
      return tag.rest;
    }
    rest = readField(rest, {}, () => {}, depth);
  }
}

function readVarint(bytes: Buffer): { value: bigint; rest: Buffer } {
  let value = 0n;
  for (let index = 0; index < 10; index++) {
    const byte = bytes[index];
    if (byte === undefined) throw new Broken();
    value |= BigInt(byte & 0x7f) << BigInt(7 * index);
    if (byte < 0x80) return { value, rest: bytes.subarray(index + 1) };
  }
  throw new Broken();
}

/** In a group, which has no known fields, some parsers skip varints of any length. */
function readVarintInGroup(bytes: Buffer): { value: bigint; rest: Buffer } {
  const length = bytes.findIndex((byte) => byte < 0x80) + 1;
  if (length > 10) throw new Doubtful();
  return readVarint(bytes);
}

function take(bytes: Buffer, length: bigint): { taken: Buffer; rest: Buffer } {
  if (length > BigInt(bytes.length)) throw new Broken();
  return { taken: bytes.subarray(0, Number(length)), rest: bytes.subarray(Number(length)) };
}

function isUtf8(bytes: Buffer): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
