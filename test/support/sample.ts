/**
 * Whether tests run at full size: `npm run suite -- long` and `-- executable` say so. Files that
 * ask are named `*.sampled.test.ts`, which is how the suite `long` finds them.
 *
 * A test that is left out of `npm test`: `test.runIf(isFullSize)(…)`.
 */
export const isFullSize = process.env["GESTALT_CACHE_MEMORY_TESTS"] === "full";

/** A number for `npm test`, and the one for the longer suites. */
export function sizeOf({ sample, full }: { readonly sample: number; readonly full: number }) {
  return isFullSize ? full : sample;
}

/**
 * The rows of a table that `npm test` runs; the longer suites run all of them.
 *
 * @param count - how many `npm test` takes: the first, the last, and some evenly between them
 */
export function sampleOf<T>(count: number, rows: readonly T[]): readonly T[] {
  if (isFullSize || count >= rows.length) return rows;
  const step = (rows.length - 1) / Math.max(1, count - 1);
  return Array.from({ length: count }, (_, index) => rows[Math.round(index * step)] as T);
}
