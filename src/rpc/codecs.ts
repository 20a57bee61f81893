import { CACHE_REPLY_ENCODERS } from "./cache-reply-encoders.js";
import { CACHE_REQUEST_DECODERS } from "./cache-request-decoders.js";
import { LIFECYCLE_REPLY_ENCODERS, LIFECYCLE_REQUEST_DECODERS } from "./lifecycle-codecs.js";
import type { ReplyEncoder, RequestDecoder } from "./unary-method.js";

/**
 * The decoders of requests that are written by hand, by message type: those of a provider's two
 * services. Building the descriptors of protobuf-es takes a third of the time until a server
 * accepts, and decoding with them doubles the time of a call.
 */
export const REQUEST_DECODERS: ReadonlyMap<string, RequestDecoder> = new Map([
  ...CACHE_REQUEST_DECODERS,
  ...LIFECYCLE_REQUEST_DECODERS,
]);

/** The encoders of their replies, by message type. */
export const REPLY_ENCODERS: ReadonlyMap<string, ReplyEncoder> = new Map([
  ...CACHE_REPLY_ENCODERS,
  ...LIFECYCLE_REPLY_ENCODERS,
]);

/**
 * The largest request of other services than the cache. A message can take a hundred times the
 * memory of its bytes (a Struct of empty lists), and these messages are small.
 */
const MAX_SMALL_REQUEST_BYTES = 1_048_576;

/**
 * Returns the largest request that may be decoded, in bytes. The decoders of the Cache service
 * bound the memory that a request takes by themselves.
 */
export function maxRequestBytes(requestType: string): number {
  return CACHE_REQUEST_DECODERS.has(requestType) ? Infinity : MAX_SMALL_REQUEST_BYTES;
}
