import type { JsonObject, MessageInitShape } from "@bufbuild/protobuf";
import { BinaryWriter } from "@bufbuild/protobuf/wire";
import type {
  ConfigureProviderResponseSchema,
  HealthCheckResponseSchema,
  ProviderIdentitySchema,
  StartRuntimeProviderResponseSchema,
} from "./gen/gestalt/provider/v1/lifecycle_pb.js";
import { RequestReader } from "./request-reader.js";
import { readStruct } from "./struct-reader.js";
import type { ReplyEncoder, RequestDecoder } from "./unary-method.js";
import { withHeadroom } from "./with-headroom.js";

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
  while (reader.pos < reader.len) reader.skipField(reader.readTag());
  return {};
}

function decodeConfigure(bytes: Buffer): object {
  const reader = new RequestReader(bytes);
  let name = "";
  let config: JsonObject | undefined;
  let protocolVersion = 0;
  while (reader.pos < reader.len) {
    const tag = reader.readTag();
    if (tag === DELIMITED_1) name = reader.string();
    else if (tag === DELIMITED_2) config = readStruct(reader, config);
    else if (tag === VARINT_3) protocolVersion = reader.int32();
    else reader.skipField(tag);
  }
  return { name, config, protocolVersion };
}

type Identity = MessageInitShape<typeof ProviderIdentitySchema>;
type Health = MessageInitShape<typeof HealthCheckResponseSchema>;
type ProtocolVersion = MessageInitShape<
  typeof ConfigureProviderResponseSchema | typeof StartRuntimeProviderResponseSchema
>;

function encodeIdentity(identity: Identity, headroom: number): Buffer {
  const writer = new BinaryWriter();
  writeInt32(writer, VARINT_1, identity.kind);
  writeString(writer, DELIMITED_2, identity.name);
  writeString(writer, DELIMITED_3, identity.displayName);
  writeString(writer, DELIMITED_4, identity.description);
  writeString(writer, DELIMITED_5, identity.version);
  // Unlike a field, an element of a list is written even when it is empty.
  for (const warning of identity.warnings ?? []) writer.uint32(DELIMITED_6).string(warning);
  writeInt32(writer, VARINT_10, identity.minProtocolVersion);
  writeInt32(writer, VARINT_11, identity.maxProtocolVersion);
  return withHeadroom(writer.finish(), headroom);
}

function encodeProtocolVersion({ protocolVersion }: ProtocolVersion, headroom: number): Buffer {
  const writer = new BinaryWriter();
  writeInt32(writer, VARINT_1, protocolVersion);
  return withHeadroom(writer.finish(), headroom);
}

function encodeHealth({ ready, message }: Health, headroom: number): Buffer {
  const writer = new BinaryWriter();
  if (ready === true) writer.uint32(VARINT_1).bool(ready);
  writeString(writer, DELIMITED_2, message);
  return withHeadroom(writer.finish(), headroom);
}

/** Writes an `int32` or enum field, unless it is 0. */
function writeInt32(writer: BinaryWriter, tag: number, value = 0): void {
  if (value !== 0) writer.uint32(tag).int32(value);
}

/** Writes a string field, unless it is empty. */
function writeString(writer: BinaryWriter, tag: number, text = ""): void {
  if (text !== "") writer.uint32(tag).string(text);
}
