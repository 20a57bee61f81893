import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import type { CacheStatistics } from "../../src/memory/statistics.js";
import { STORE_KINDS } from "../../src/memory/config/config-schema.js";

interface Report {
  readonly maxBytes: number;
  /** Before the first entry. */
  readonly idleBytes: number;
  readonly samples: readonly (CacheStatistics & { readonly residentBytes: number })[];
  readonly emptied: CacheStatistics;
}

const ALLOWANCE_BYTES = 32 * 2 ** 20;

/** The largest value of each kind of round: memory of one size must be reused for another. */
const SIZES = [
  [40, 400, 4_000, 100_000],
  [5_000, 12_000, 30_000, 60_000],
];

const CASES = STORE_KINDS.flatMap((store) => SIZES.map((sizes) => ({ store, sizes })));

test.each(CASES)(
  "$store store: an hour of churn with values of up to $sizes bytes stays within the bound",
  { timeout: 60_000 },
  async ({ store, sizes }) => {
    const script = fileURLToPath(new URL("churn-process.mjs", import.meta.url));
    const args = [script, store, JSON.stringify(sizes)];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    const { maxBytes, idleBytes, samples, emptied } = JSON.parse(stdout) as Report;

    for (const { bytes, residentBytes } of samples) {
      expect(bytes).toBeLessThanOrEqual(maxBytes);
      expect(residentBytes - idleBytes).toBeLessThanOrEqual(maxBytes + ALLOWANCE_BYTES);
    }
    expect(samples.at(-1)?.evicted).toBeGreaterThan(1000);
    expect(samples.at(-1)?.expired).toBeGreaterThan(1000);
    expect(emptied).toMatchObject({ entries: 0, bytes: 0 });
  },
);
