/**
 * A repeatable source of numbers from 0 (inclusive) to 1 (exclusive), so that all
 * contestants get the same data and the same load: mulberry32.
 */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Bytes that do not compress and are the same in every run. */
export function createValue(bytes: number, seed = 1): Uint8Array {
  const random = createRandom(seed);
  return Uint8Array.from({ length: bytes }, () => Math.floor(random() * 256));
}

/** A key of 16 bytes. */
export function createKey(index: number): string {
  return `key:${String(index).padStart(12, "0")}`;
}
