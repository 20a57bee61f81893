import type { DescMethodUnary } from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import type { MaybePromise } from "../contract/maybe-promise.js";
import type { ServiceRoute } from "./provider-services.js";
import { RpcError, StatusCode } from "./rpc-error.js";

/** How much of an unknown path an error message repeats, in characters. */
export const MAX_SHOWN_PATH = 200;

/** Decodes a request. Like every protobuf decoder, it skips unknown fields. */
export type RequestDecoder = (bytes: Buffer) => object;

/** Encodes a reply, after `headroom` bytes that the caller fills. */
export type ReplyEncoder = (reply: object, headroom: number) => Buffer | SplitReply;

/** An encoded reply that ends with a large value, which is not copied into the same buffer. */
export interface SplitReply {
  /** All bytes before the value. */
  readonly head: Buffer;
  readonly value: Uint8Array;
}

/** Decodes the requests of one method, and encodes its replies. */
export interface UnaryCodec {
  /**
   * The largest request that may be decoded, in bytes; Infinity when the decoder itself bounds
   * the memory that a request takes.
   */
  readonly maxRequestBytes: number;
  /** @throws Error for bytes that are not a message of the request's type */
  readonly decodeRequest: RequestDecoder;
  /** Takes a message or its init shape. */
  readonly encodeReply: ReplyEncoder;
}

/** The implementation of a unary method. */
export type UnaryImplementation = (
  request: object,
  context: HandlerContext,
) => MaybePromise<object>;

/** A unary method, ready to be called. */
export interface UnaryMethod {
  /** `/package.Service/Method` */
  readonly path: string;
  /** The full name of the request's type. */
  readonly requestType: string;
  readonly codec: UnaryCodec;
  readonly implementation: UnaryImplementation;
  /**
   * Whether, after a call has succeeded, nothing but the server uses the buffers of the values in its
   * request and its reply. Absent: they may still be in use.
   */
  readonly copiesValues?: () => boolean;
  /** For implementations that ask their context for it; those of a provider do not. */
  readonly desc?: DescMethodUnary;
}

/** The methods that a server serves. */
export interface ServedMethods {
  /** The unary methods, by path. */
  readonly unary: ReadonlyMap<string, UnaryMethod>;
  /** The paths of the streaming methods, which only Connect serves. */
  readonly streaming: ReadonlySet<string>;
  /** Returns the same methods for Connect, with the descriptors of their services. */
  readonly loadRoutes: () => Promise<readonly ServiceRoute[]>;
}

/** Returns the path of a method. */
export function pathOf(typeName: string, methodName: string): string {
  return `/${typeName}/${methodName}`;
}

/**
 * Decodes a request of a method.
 *
 * @throws RpcError INVALID_ARGUMENT for bytes that are not such a message
 */
export function decodeRequest({ codec, requestType }: UnaryMethod, message: Buffer): object {
  try {
    return codec.decodeRequest(message);
  } catch (error) {
    if (error instanceof RpcError) throw error;
    const detail = error instanceof Error ? error.message : String(error);
    const text = `request is not a ${requestType}: ${detail}`;
    throw new RpcError(StatusCode.invalidArgument, text, error);
  }
}
