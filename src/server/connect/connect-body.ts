import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import type { IncomingHttpHeaders } from "node:http2";
import { assertJsonSize, assertReflectedBatchSize } from "../../rpc/batch-limits.js";
import type { RequestDecoder } from "../../rpc/cache-request-decoders.js";
import { RpcError, StatusCode } from "../../rpc/rpc-error.js";
import { systemErrorCode } from "../listen/listen-error.js";

/** How a request's body is written, by its headers. */
export interface BodyFormat {
  /** Whether messages have a five-byte prefix (gRPC, gRPC-Web) or the body is the message. */
  readonly isEnveloped: boolean;
  /** How messages are written; undefined for a type that Connect does not take. */
  readonly encoding: "binary" | "json" | undefined;
  /** Whether messages may be compressed, in the one way that we undo. */
  readonly isGzip: boolean;
}

const BINARY_TYPE = /^application\/(?:proto|grpc(?:-web)?(?:\+proto)?)$/;
const JSON_TYPE = /^application\/(?:grpc(?:-web)?\+)?json(?:;|$)/;
const ENVELOPED_TYPE = /^application\/grpc(?:-web)?(?:\+|$)/;

/**
 * Reads the format off the headers, and takes out of them the compression that we
 * undo ourselves, so that nobody undoes it twice.
 */
export function takeBodyFormat(headers: IncomingHttpHeaders): BodyFormat {
  const type = (headers["content-type"] ?? "").toLowerCase();
  const isEnveloped = ENVELOPED_TYPE.test(type);
  const encodingHeader = isEnveloped ? "grpc-encoding" : "content-encoding";
  const isGzip = headers[encodingHeader] === "gzip";
  if (isGzip) Reflect.deleteProperty(headers, encodingHeader);
  return { isEnveloped, encoding: encodingOf(type), isGzip };
}

function encodingOf(type: string): BodyFormat["encoding"] {
  if (BINARY_TYPE.test(type)) return "binary";
  return JSON_TYPE.test(type) ? "json" : undefined;
}

const inflate = promisify(gunzip);

/**
 * A compressed message's content. Stops as soon as it has become too large: half
 * a megabyte of zeros can become gigabytes.
 *
 * @throws RpcError when it has, or when the bytes are not gzip
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

/**
 * Checks a message before Connect decodes it, which answers INTERNAL where the request
 * is at fault, and knows no bound on what a message becomes.
 *
 * @param decode - the method's decoder; undefined for an unknown method
 * @returns the decoded message; undefined for one in JSON or of an unknown method
 * @throws RpcError when it does not decode, or becomes too much
 */
export function decodeChecked(
  message: Buffer,
  encoding: BodyFormat["encoding"],
  decode: RequestDecoder | undefined,
): object | undefined {
  if (encoding === "json") assertJsonSize(message);
  if (encoding !== "binary" || decode === undefined) return undefined;
  try {
    const decoded = decode(message);
    assertReflectedBatchSize(decoded);
    return decoded;
  } catch (error) {
    if (error instanceof RpcError) throw error;
    const detail = error instanceof Error ? error.message : String(error);
    throw new RpcError(StatusCode.invalidArgument, `request does not decode: ${detail}`);
  }
}
