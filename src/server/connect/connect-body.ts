import { isUtf8 } from "node:buffer";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import type { IncomingHttpHeaders } from "node:http2";
import { assertJsonSize } from "../../rpc/batch-limits.js";
import { decodeRequest, type UnaryMethod } from "../../rpc/unary-method.js";
import { RpcError, StatusCode } from "../../rpc/rpc-error.js";
import { systemErrorCode } from "../listen/listen-error.js";

/** The format of a request's body, by its headers. */
export interface BodyFormat {
  /** Whether messages have a five-byte prefix (gRPC, gRPC-Web) or the body is the message. */
  readonly isEnveloped: boolean;
  /** The encoding of messages; undefined for a content type that Connect refuses. */
  readonly encoding: "binary" | "json" | undefined;
  /** Whether messages may be compressed with gzip, the only compression that is accepted. */
  readonly isGzip: boolean;
  /** The length of the body in bytes that the client has declared; 0 if it has not. */
  readonly declaredBytes: number;
}

const BINARY_TYPE = /^application\/(?:proto|grpc(?:-web)?(?:\+proto)?)$/;
const JSON_TYPE = /^application\/(?:grpc(?:-web)?\+)?json(?:;|$)/;
const ENVELOPED_TYPE = /^application\/grpc(?:-web)?(?:\+|$)/;

/**
 * Returns the format that the headers declare. It removes gzip and the length of the body from
 * the headers, since Connect receives another body, see {@link decodeBody}.
 */
export function takeBodyFormat(headers: IncomingHttpHeaders): BodyFormat {
  const type = (headers["content-type"] ?? "").toLowerCase();
  const isEnveloped = ENVELOPED_TYPE.test(type);
  const encodingHeader = isEnveloped ? "grpc-encoding" : "content-encoding";
  const isGzip = headers[encodingHeader] === "gzip";
  if (isGzip) Reflect.deleteProperty(headers, encodingHeader);
  const declaredBytes = Number(headers["content-length"] ?? 0);
  Reflect.deleteProperty(headers, "content-length");
  return { isEnveloped, encoding: encodingOf(type), isGzip, declaredBytes };
}

function encodingOf(type: string): BodyFormat["encoding"] {
  if (BINARY_TYPE.test(type)) return "binary";
  return JSON_TYPE.test(type) ? "json" : undefined;
}

const inflate = promisify(gunzip);

/**
 * Decompresses a message. It stops at the limit: a compressed megabyte can contain a gigabyte.
 *
 * @throws RpcError when the content is larger than `maxBytes`, or the bytes are not gzip
 */
export async function decompress(bytes: Buffer, maxBytes: number): Promise<Buffer> {
  try {
    return await inflate(bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    if (systemErrorCode(error) === "ERR_BUFFER_TOO_LARGE") {
      const text = `request message is larger than ${maxBytes} bytes when decompressed`;
      throw new RpcError(StatusCode.resourceExhausted, text);
    }
    throw new RpcError(StatusCode.invalidArgument, "request message is not valid gzip");
  }
}

/** Connect would replace bytes that are not UTF-8, so that different keys would become one. */
function assertJson(message: Buffer): void {
  if (!isUtf8(message)) {
    throw new RpcError(StatusCode.invalidArgument, "request in JSON is not valid UTF-8");
  }
  assertJsonSize(message);
}

/**
 * Decodes a body in the binary format as the other dispatcher does. Connect itself fails with
 * INTERNAL where the request is invalid, does not bound the memory that a decoded message takes,
 * and departs from the specification where protobuf-es does. For JSON, which Connect decodes,
 * it checks how large the decoded message can be.
 *
 * @param method - undefined for a method that is not unary
 * @returns the request; undefined for one that Connect decodes
 * @throws RpcError when the message does not decode, or has too many elements
 */
export function decodeBody(
  message: Buffer,
  encoding: BodyFormat["encoding"],
  method: UnaryMethod | undefined,
): object | undefined {
  if (encoding === "json") assertJson(message);
  return encoding === "binary" && method !== undefined ? decodeRequest(method, message) : undefined;
}
