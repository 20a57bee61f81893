import { CacheError } from "../contract/cache-error.js";

/**
 * The largest reply, in bytes: what the host accepts, and every gRPC client
 * that was not told otherwise.
 */
export const DEFAULT_MAX_REPLY_BYTES = 4_194_304;

/** A field's tag, for field numbers below 16. */
const TAG_BYTES = 1;

/** A `bool` field that is true; false is not sent. */
export const TRUE_FIELD_BYTES = TAG_BYTES + 1;

/** Bytes that a varint takes. */
export function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes++;
  return bytes;
}

/** Bytes that a string, bytes or message field takes, given its content's length. */
export function delimitedFieldBytes(contentBytes: number): number {
  return TAG_BYTES + varintBytes(contentBytes) + contentBytes;
}

/** The same, for a string or bytes field: empty ones are not sent. */
export function optionalFieldBytes(contentBytes: number): number {
  return contentBytes === 0 ? 0 : delimitedFieldBytes(contentBytes);
}

/** @throws CacheError `resource_exhausted` with size, limit and `advice` */
export function assertReplyBytes(bytes: number, maxBytes: number, advice: string): void {
  if (bytes <= maxBytes) return;
  throw new CacheError(
    "resource_exhausted",
    `reply would be ${bytes} bytes, the limit is ${maxBytes}: ${advice}`,
  );
}
