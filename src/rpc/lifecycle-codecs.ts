import type { JsonObject } from "@bufbuild/protobuf";
import type { ProviderKind } from "./gen/gestalt/provider/v1/lifecycle_pb.js";
import { delimitedFieldBytes, utf8Bytes } from "./reply-size.js";
import { RequestReader } from "./request-reader.js";
import { readStruct } from "./struct-reader.js";
import type { ReplyEncoder, RequestDecoder } from "./unary-method.js";
import { WireWriter } from "./wire-writer.js";

/** Tags: field number and wire type. */
const VARINT_1 = 0x08;
const VARINT_3 = 0x18;
const VARINT_10 = 0x50;
const VARINT_11 = 0x58;
const DELIMITED_1 = 0x0a;
const DELIMITED_2 = 0x12;
const DELIMITED_3 = 0x1a;
const DELIMITED_4 = 0x22;
const DELIMITED_5 = 0x2a;
const DELIMITED_6 = 0x32;

/** A tag and the longest varint of a number up to 2^31. */
const MAX_INT32_FIELD_BYTES = 6;

/** The decoders of the ProviderLifecycle service's requests, by message type. */
export const LIFECYCLE_REQUEST_DECODERS: ReadonlyMap<string, RequestDecoder> = new Map([
  ["google.protobuf.Empty", decodeEmpty],
  ["gestalt.provider.v1.ConfigureProviderRequest", decodeConfigure],
]);

/** The encoders of its replies, by message type. */
export const LIFECYCLE_REPLY_ENCODERS: ReadonlyMap<string, ReplyEncoder> = new Map([
  ["gestalt.provider.v1.ProviderIdentity", encodeIdentity],
  ["gestalt.provider.v1.ConfigureProviderResponse", encodeProtocolVersion],
  ["gestalt.provider.v1.HealthCheckResponse", encodeHealth],
  ["gestalt.provider.v1.StartRuntimeProviderResponse", encodeProtocolVersion],
] as [string, ReplyEncoder][]);

function decodeEmpty(bytes: Buffer): object {
  const reader = new RequestReader(bytes);
  while (reader.pos < reader.len) reader.skipField(reader.uint32());
  return {};
}

function decodeConfigure(bytes: Buffer): object {
  const reader = new RequestReader(bytes);
  let name = "";
  let config: JsonObject | undefined;
  let protocolVersion = 0;
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === DELIMITED_1) name = reader.string();
    else if (tag === DELIMITED_2) config = readStruct(reader, config);
    else if (tag === VARINT_3) protocolVersion = reader.int32();
    else reader.skipField(tag);
  }
  return { name, config, protocolVersion };
}

/** What the lifecycle service answers to GetProviderIdentity. */
interface Identity {
  readonly kind: ProviderKind;
  readonly name: string;
  readonly displayName: string;
  readonly description: string;
  readonly version: string;
  readonly warnings: readonly string[];
  readonly minProtocolVersion: number;
  readonly maxProtocolVersion: number;
}

function encodeIdentity(identity: Identity, headroom: number): Buffer {
  const texts: readonly (readonly [tag: number, text: string])[] = [
    [DELIMITED_2, identity.name],
    [DELIMITED_3, identity.displayName],
    [DELIMITED_4, identity.description],
    [DELIMITED_5, identity.version],
  ];
  let bytes = 3 * MAX_INT32_FIELD_BYTES;
  for (const [, text] of texts) bytes += delimitedFieldBytes(utf8Bytes(text));
  for (const text of identity.warnings) bytes += delimitedFieldBytes(utf8Bytes(text));
  const writer = new WireWriter(bytes, headroom);
  writer.writeVarintField(VARINT_1, identity.kind);
  for (const [tag, text] of texts) writer.writeString(tag, text, utf8Bytes(text));
  for (const text of identity.warnings) {
    // Unlike a field, an empty element is sent.
    if (text === "") writer.writeLength(DELIMITED_6, 0);
    else writer.writeString(DELIMITED_6, text, utf8Bytes(text));
  }
  writer.writeVarintField(VARINT_10, identity.minProtocolVersion);
  writer.writeVarintField(VARINT_11, identity.maxProtocolVersion);
  return writer.finish();
}

function encodeProtocolVersion(
  { protocolVersion }: { readonly protocolVersion: number },
  headroom: number,
): Buffer {
  const writer = new WireWriter(MAX_INT32_FIELD_BYTES, headroom);
  writer.writeVarintField(VARINT_1, protocolVersion);
  return writer.finish();
}

function encodeHealth(
  { ready, message }: { readonly ready: boolean; readonly message: string },
  headroom: number,
): Buffer {
  const messageBytes = utf8Bytes(message);
  const writer = new WireWriter(2 + delimitedFieldBytes(messageBytes), headroom);
  if (ready) writer.writeTrue(VARINT_1);
  writer.writeString(DELIMITED_2, message, messageBytes);
  return writer.finish();
}
