import { discardBuffer } from "./discard-buffer.js";
import { NOT_IN_HEAP } from "./expiry-heap.js";
import { valueFromLatin1 } from "./value-buffer.js";

/**
 * How `LruStore` keeps a value, and what an entry is charged against `maxBytes`.
 *
 * A charge must cover the resident memory that an entry takes: key, value, the nodes and
 * array slots of lru-cache, the slot in the expiry heap, and the garbage that the engine
 * lets grow in proportion to its heap. Both engines were measured with `npm run bench -- memory`
 * (resident memory at its peak minus idle, cache filled three times over through gRPC).
 */

/**
 * Values up to this size, in bytes, become one-byte strings; larger ones a Uint8Array of their own.
 * V8 compacts its heap, while freed buffers leave gaps that malloc keeps: with a limit of 4 KiB,
 * a cache of 32 MiB whose values changed in size held 20 MiB more than with 64 KiB.
 */
const MAX_STRING_BYTES = 65_536;

/** Fixed parts of a charge, in bytes, and the factor for the bytes of key and value. */
interface ChargeRates {
  readonly entryBytes: number;
  readonly ttlBytes: number;
  readonly factor: number;
}

/** Node.js 20 and later; measured on 20.20: 100-byte values take 400 bytes of resident memory. */
const V8_RATES: ChargeRates = { entryBytes: 264, ttlBytes: 96, factor: 1.25 };

/** The standalone executable, Bun 1.4, together with `noteAllocation` in heap-pressure.ts. */
const JAVASCRIPT_CORE_RATES: ChargeRates = { entryBytes: 400, ttlBytes: 128, factor: 1.5 };

const RATES = "Bun" in globalThis ? JAVASCRIPT_CORE_RATES : V8_RATES;

/**
 * A value as `LruStore` keeps it.
 *
 * A Uint8Array of its own costs 200 bytes and more besides its content, on both engines, and
 * a pooled Buffer keeps its whole pool alive. A string of one-byte (latin1) characters costs
 * 16 to 24 bytes and lies in the heap beside its key.
 */
export type KeptValue = string | Uint8Array<ArrayBuffer>;

/** Copies a value into the form in which it is kept. */
export function keepValue(value: Uint8Array): KeptValue {
  if (value.length > MAX_STRING_BYTES) return new Uint8Array(value);
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.length);
  return bytes.toString("latin1");
}

/** Releases the memory of a kept value that is not needed any more. */
export function discardKept(kept: KeptValue): void {
  if (typeof kept !== "string") discardBuffer(kept.buffer);
}

/** A copy of a kept value, for a caller to own. */
export function copyOfKept(kept: KeptValue): Uint8Array {
  return typeof kept === "string" ? valueFromLatin1(kept) : new Uint8Array(kept);
}

/** A value with a TTL: it knows its key and its position in the expiry heap. */
export class ExpiringValue {
  position = NOT_IN_HEAP;

  constructor(
    readonly key: string,
    readonly kept: KeptValue,
  ) {}
}

/** What `LruStore` holds under a key: only an entry with a TTL needs more than its value. */
export type LruValue = KeptValue | ExpiringValue;

/** The value itself. */
export function keptOf(value: LruValue): KeptValue {
  return value instanceof ExpiringValue ? value.kept : value;
}

/**
 * What an entry is charged, in bytes.
 *
 * @param valueBytes - the length of the value
 * @param hasTtl - whether the entry takes a place in the expiry heap as well
 */
export function entryCharge(key: string, valueBytes: number, hasTtl: boolean): number {
  const size = heapBytesOf(key) + valueBytes;
  return RATES.entryBytes + (hasTtl ? RATES.ttlBytes : 0) + Math.ceil(RATES.factor * size);
}

/** A string takes two bytes for each UTF-16 code unit as soon as one of them is not latin1. */
function heapBytesOf(key: string): number {
  const utf8Bytes = Buffer.byteLength(key);
  return utf8Bytes === key.length ? utf8Bytes : Math.max(utf8Bytes, 2 * key.length);
}

/** Strings of fewer characters are never a view of a longer one (V8). */
const MIN_VIEW_LENGTH = 13;

/** A key that keeps no longer string alive, which `line.slice(0, 20)` does. */
export function ownKey(key: string): string {
  return key.length < MIN_VIEW_LENGTH ? key : Buffer.from(key).toString();
}
