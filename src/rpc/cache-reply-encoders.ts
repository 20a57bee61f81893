import { BinaryWriter } from "@bufbuild/protobuf/wire";
import {
  delimitedFieldBytes,
  getReplyBytes,
  keyResultBytes,
  utf8Bytes,
  type FoundValue,
  type KeyResult,
} from "./reply-size.js";
import type { ReplyEncoder, SplitReply } from "./unary-method.js";
import { WireWriter } from "./wire-writer.js";
import { withHeadroom } from "./with-headroom.js";

/** Tags: field number and wire type. */
const BOOL_1 = 0x08;
const INT64_1 = 0x08;
const BOOL_2 = 0x10;
const DELIMITED_1 = 0x0a;
const DELIMITED_2 = 0x12;
const DELIMITED_3 = 0x1a;

/** The smallest value, in bytes, that is not copied behind its reply's first bytes. */
const MIN_SPLIT_BYTES = 65_536;

/**
 * The encoders of the Cache service's replies, by message type. They write what the service
 * returns directly as bytes, without a message object.
 */
export const CACHE_REPLY_ENCODERS: ReadonlyMap<string, ReplyEncoder> = new Map([
  ["gestalt.provider.v1.CacheGetResponse", encodeGet],
  ["gestalt.provider.v1.CacheGetManyResponse", encodeGetMany],
  ["gestalt.provider.v1.CacheDeleteResponse", encodeDelete],
  ["gestalt.provider.v1.CacheDeleteManyResponse", encodeDeleteMany],
  ["gestalt.provider.v1.CacheTouchResponse", encodeTouch],
  ["google.protobuf.Empty", encodeEmpty],
] as [string, ReplyEncoder][]);

function encodeGet(reply: FoundValue, headroom: number): Buffer | SplitReply {
  const { found, value } = reply;
  const bytes = getReplyBytes(reply);
  const isSplit = value !== undefined && value.length >= MIN_SPLIT_BYTES;
  const writer = new WireWriter(isSplit ? bytes - value.length : bytes, headroom);
  if (found === true) writer.writeTrue(BOOL_1);
  if (isSplit) {
    writer.writeLength(DELIMITED_2, value.length);
    return { head: writer.finish(), value };
  }
  if (value !== undefined) writer.writeBytes(DELIMITED_2, value);
  return writer.finish();
}

function encodeGetMany(
  { entries = [] }: { entries?: readonly KeyResult[] },
  headroom: number,
): Buffer {
  let bytes = 0;
  for (const entry of entries) bytes += delimitedFieldBytes(keyResultBytes(entry));
  const writer = new WireWriter(bytes, headroom);
  for (const entry of entries) {
    const { key = "", found, value } = entry;
    writer.writeLength(DELIMITED_1, keyResultBytes(entry));
    writer.writeString(DELIMITED_1, key, utf8Bytes(key));
    if (found === true) writer.writeTrue(BOOL_2);
    if (value !== undefined) writer.writeBytes(DELIMITED_3, value);
  }
  return writer.finish();
}

function encodeDelete({ deleted = false }: { deleted?: boolean }, headroom: number): Buffer {
  return encodeBool(deleted, headroom);
}

function encodeTouch({ touched = false }: { touched?: boolean }, headroom: number): Buffer {
  return encodeBool(touched, headroom);
}

function encodeDeleteMany({ deleted = 0n }: { deleted?: bigint }, headroom: number): Buffer {
  const writer = new BinaryWriter();
  if (deleted !== 0n) writer.uint32(INT64_1).int64(deleted);
  return withHeadroom(writer.finish(), headroom);
}

function encodeEmpty(_reply: object, headroom: number): Buffer {
  return new WireWriter(0, headroom).finish();
}

function encodeBool(value: boolean, headroom: number): Buffer {
  const writer = new WireWriter(2, headroom);
  if (value) writer.writeTrue(BOOL_1);
  return writer.finish();
}
