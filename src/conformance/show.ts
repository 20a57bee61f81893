import { quoteKey } from "../contract/cache-error.js";
import type { GetReply, KeyedReply } from "./cache-under-test.js";
import { msFromDuration, type WireDuration } from "./wire-duration.js";

/** How many bytes of a value a report shows. */
const SHOWN_BYTES = 16;

/** How many items of a batch a report shows. */
const SHOWN_ITEMS = 4;

const printableText = /^[\x20-\x7e]*$/;

/** A value as a report shows it: its length, and the beginning as text or hex. */
export function showBytes(value: Uint8Array): string {
  if (value.byteLength === 0) return "0 bytes";
  const start = Buffer.from(value.subarray(0, SHOWN_BYTES));
  const text = start.toString("latin1");
  const shown = printableText.test(text) ? JSON.stringify(text) : `0x${start.toString("hex")}`;
  const more = value.byteLength > SHOWN_BYTES ? "…" : "";
  return `${value.byteLength} ${value.byteLength === 1 ? "byte" : "bytes"} ${shown}${more}`;
}

/** A TTL as a report shows it, with both fields where they are odd. */
export function showTtl(ttl: WireDuration | undefined): string {
  if (ttl === undefined) return "no ttl";
  const { seconds, nanos } = ttl;
  const odd = Math.abs(nanos) > 999_999_999 || seconds < 0n || nanos < 0 || seconds > 10n ** 9n;
  if (odd || nanos % 1e6 !== 0) return `ttl {seconds: ${seconds.toString()}, nanos: ${nanos}}`;
  return `ttl ${msFromDuration(ttl)} ms`;
}

/** What a Get answered. */
export function showReply({ found, value }: GetReply): string {
  if (found) return `found, ${showBytes(value)}`;
  return value.byteLength === 0 ? "not found" : `not found, but ${showBytes(value)}`;
}

/** One result of a GetMany. */
export function showKeyedReply(reply: KeyedReply): string {
  return `${quoteKey(reply.key)}: ${showReply(reply)}`;
}

/** A list with its first few items and its length. */
export function showList<T>(items: readonly T[], show: (item: T) => string): string {
  const shown = items.slice(0, SHOWN_ITEMS).map(show).join(", ");
  return items.length > SHOWN_ITEMS ? `[${shown}, … ${items.length} in total]` : `[${shown}]`;
}
