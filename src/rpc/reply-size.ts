import { CacheError } from "../contract/cache-error.js";

/** The reply to a Get. A field that is absent has its default. */
export interface FoundValue {
  readonly found?: boolean;
  readonly value?: Uint8Array;
}

/** One result of a GetMany. */
export interface KeyResult extends FoundValue {
  readonly key?: string;
}

/** The size of a field's tag, for field numbers below 16. */
const TAG_BYTES = 1;

/** The size of a `bool` field that is true; false is not sent. */
const TRUE_FIELD_BYTES = TAG_BYTES + 1;

/** The longest string that is measured without a native call. */
const SHORT_STRING_LENGTH = 64;

/** Returns the size of a Get's reply in bytes. */
export function getReplyBytes({ found, value }: FoundValue): number {
  return (found === true ? TRUE_FIELD_BYTES : 0) + optionalFieldBytes(value?.length ?? 0);
}

/** Returns the size of one result of a GetMany in bytes, without its tag and length. */
export function keyResultBytes(result: KeyResult): number {
  return optionalFieldBytes(utf8Bytes(result.key ?? "")) + getReplyBytes(result);
}

/** Returns the size of a string, bytes or message field, given the size of its content. */
export function delimitedFieldBytes(contentBytes: number): number {
  return TAG_BYTES + varintBytes(contentBytes) + contentBytes;
}

/** Returns the size of a text in UTF-8. */
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
