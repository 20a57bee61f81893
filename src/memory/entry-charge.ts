import { ChunkedArray } from "./chunked-array.js";
import { discardBuffer } from "../contract/discard-buffer.js";
import { ExpiryHeap, NOT_IN_HEAP } from "./expiry-heap.js";
import { valueFromLatin1 } from "./value-buffer.js";

/**
 * How `LruStore` keeps a value, and what an entry is charged against `maxBytes`.
 *
 * A charge must cover the resident memory that an entry takes: key, value, the nodes and array
 * slots of lru-cache, the slot in the expiry heap, and the garbage that the engine lets grow in
 * proportion to its heap. Both engines were measured with `npm run bench -- memory`: the peak of the
 * resident memory minus that of the idle process, while the cache is filled 2.5 times over
 * through gRPC.
 */

/**
 * Values up to this size, in bytes, become one-byte strings; a larger value becomes a Uint8Array.
 *
 * A string costs less than a Uint8Array, but its memory is free only after a collection, and V8 12
 * (Node.js 22) then keeps it for later: a cache of 32 MiB whose values changed in size grew by
 * 86 MiB with 64 KiB here, and by 60 MiB with 4 KiB.
 */
const MAX_STRING_BYTES = 4_096;

/** The fixed parts of a charge, in bytes, and the factor for the bytes of key and value. */
interface ChargeRates {
  readonly entryBytes: number;
  readonly ttlBytes: number;
  readonly factor: number;
}

/** Node.js 20 and later. Measured on 20.20: an entry of 100 bytes takes 400 bytes of resident memory. */
const V8_RATES: ChargeRates = { entryBytes: 264, ttlBytes: 96, factor: 1.25 };

/**
 * The standalone executable, Bun 1.4, together with `recordGarbage` in heap-pressure.ts. Measured
 * in a full cache of 256 MiB: an entry of 100 bytes takes 440 bytes of resident memory once the garbage
 * is collected, and 640 at the peak.
 */
const JAVASCRIPT_CORE_RATES: ChargeRates = { entryBytes: 480, ttlBytes: 150, factor: 1.8 };

const RATES = "Bun" in globalThis ? JAVASCRIPT_CORE_RATES : V8_RATES;

/**
 * A value as `LruStore` keeps it.
 *
 * A Uint8Array costs 200 bytes and more besides its content, on both engines, and a pooled
 * Buffer keeps its whole pool in memory. A string of one-byte (latin1) characters costs 16 to 24
 * bytes and lies in the heap next to its key.
 */
export type KeptValue = string | Uint8Array<ArrayBuffer>;

/** The value of an entry with a TTL. It knows its key and its position in the expiry heap. */
export class ExpiringValue {
  position = NOT_IN_HEAP;

  constructor(
    readonly key: string,
    readonly kept: KeptValue,
  ) {}
}

/** What `LruStore` holds under a key. Only an entry with a TTL needs more than its value. */
export type LruValue = KeptValue | ExpiringValue;

/** Copies a value into the form in which it is kept. */
export function keep(value: Uint8Array): KeptValue {
  if (value.length > MAX_STRING_BYTES) return new Uint8Array(value);
  return Buffer.from(value.buffer, value.byteOffset, value.length).toString("latin1");
}

/** The kept value without its place in the expiry heap. */
export function keptOf(value: LruValue): KeptValue {
  return value instanceof ExpiringValue ? value.kept : value;
}

/** A copy of a value for a caller, who owns it. */
export function copyOf(value: LruValue): Uint8Array {
  const kept = keptOf(value);
  return typeof kept === "string" ? valueFromLatin1(kept) : new Uint8Array(kept);
}

/** Releases the memory of a value that was removed. The value must not be used afterwards. */
export function discard(value: LruValue): void {
  const kept = keptOf(value);
  if (typeof kept !== "string") discardBuffer(kept.buffer);
}

/** A heap of values with a TTL, ordered by deadline. */
export function createExpiryHeap(): ExpiryHeap<ExpiringValue> {
  return new ExpiryHeap(new ChunkedArray((length) => new Array<ExpiringValue>(length)), {
    get: (value) => value.position,
    set: (value, position) => (value.position = position),
  });
}

/**
 * The charge of an entry, in bytes.
 *
 * @param valueBytes - the length of the value
 * @param hasTtl - whether the entry also takes a place in the expiry heap
 */
export function charge(key: string, valueBytes: number, hasTtl: boolean): number {
  const size = heapBytesOf(key) + valueBytes;
  return RATES.entryBytes + (hasTtl ? RATES.ttlBytes : 0) + Math.ceil(RATES.factor * size);
}

/** The charge of an entry with a value that is already kept, in bytes. */
export function chargeOf(key: string, value: LruValue): number {
  return charge(key, keptOf(value).length, value instanceof ExpiringValue);
}

/** A string takes two bytes for each UTF-16 code unit as soon as one of them is not latin1. */
function heapBytesOf(key: string): number {
  const utf8Bytes = Buffer.byteLength(key);
  return utf8Bytes === key.length ? utf8Bytes : Math.max(utf8Bytes, 2 * key.length);
}

/** V8 makes a string of fewer characters a copy, never a view of a longer string. */
const MIN_VIEW_LENGTH = 13;

/** A copy of a key, which keeps no longer string in memory, as `line.slice(0, 20)` does. */
export function ownKey(key: string): string {
  return key.length < MIN_VIEW_LENGTH ? key : Buffer.from(key).toString();
}
