import { CacheError } from "../contract/cache-error.js";

/** A value as a Get answers it. */
export interface FoundValue {
  readonly found: boolean;
  readonly value?: Uint8Array;
}

/** One result of a GetMany. */
export interface KeyResult extends FoundValue {
  readonly key: string;
}

/**
 * The largest reply, in bytes: what the host accepts, and every gRPC client
 * that was not told otherwise.
 */
export const DEFAULT_MAX_REPLY_BYTES = 4_194_304;

/** A field's tag, for field numbers below 16. */
const TAG_BYTES = 1;

/** A `bool` field that is true; false is not sent. */
const TRUE_FIELD_BYTES = TAG_BYTES + 1;

/** Strings up to this length are measured here instead of by a native call. */
const SHORT_STRING_LENGTH = 64;

/** Bytes of a Get's reply. */
export function getReplyBytes({ found, value }: FoundValue): number {
  return (found ? TRUE_FIELD_BYTES : 0) + optionalFieldBytes(value?.length ?? 0);
}

/** Bytes of one result of a GetMany, within its own field. */
export function keyResultBytes(result: KeyResult): number {
  return optionalFieldBytes(utf8Bytes(result.key)) + getReplyBytes(result);
}

/** Bytes that a string, bytes or message field takes, given its content's length. */
export function delimitedFieldBytes(contentBytes: number): number {
  return TAG_BYTES + varintBytes(contentBytes) + contentBytes;
}

/** The length of a text in UTF-8. */
export function utf8Bytes(text: string): number {
  if (text.length > SHORT_STRING_LENGTH) return Buffer.byteLength(text);
  for (let index = 0; index < text.length; index++) {
    if (text.charCodeAt(index) > 0x7f) return Buffer.byteLength(text);
  }
  return text.length;
}

/** @throws CacheError `resource_exhausted` with size, limit and `advice` */
export function assertReplyBytes(bytes: number, maxBytes: number, advice: string): void {
  if (bytes <= maxBytes) return;
  throw new CacheError(
    "resource_exhausted",
    `reply would be ${bytes} bytes, the limit is ${maxBytes}: ${advice}`,
  );
}

/** Empty strings and bytes are not sent. */
function optionalFieldBytes(contentBytes: number): number {
  return contentBytes === 0 ? 0 : delimitedFieldBytes(contentBytes);
}

function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes++;
  return bytes;
}
