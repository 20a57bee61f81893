import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import type { CacheStatistics } from "../../src/memory/statistics.js";
import { medianOf } from "../support/median.js";

interface Report {
  readonly maxBytes: number;
  readonly samples: readonly (CacheStatistics & { readonly residentBytes: number })[];
  readonly emptied: CacheStatistics;
}

test.each(["lru", "blocks"])(
  "%s store: resident memory stays flat during an hour of churn",
  { timeout: 60_000 },
  async (store) => {
    const script = fileURLToPath(new URL("churn-process.mjs", import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [script, store]);
    const { maxBytes, samples, emptied } = JSON.parse(stdout) as Report;

    for (const { bytes } of samples) expect(bytes).toBeLessThanOrEqual(maxBytes);
    expect(samples.at(-1)?.evicted).toBeGreaterThan(1000);
    expect(samples.at(-1)?.expired).toBeGreaterThan(1000);
    // A quarter has rounds of every size of values. Its median leaves out what the garbage
    // collector was about to collect when a sample was taken.
    const quarter = samples.length / 4;
    const residentIn = (from: number): number =>
      medianOf(samples.slice(from, from + quarter).map(({ residentBytes }) => residentBytes));
    const late = residentIn(3 * quarter);
    expect(late).toBeLessThan(residentIn(2 * quarter) + maxBytes / 4);
    expect(late).toBeLessThan((samples[0]?.residentBytes ?? 0) + maxBytes + 32 * 2 ** 20);
    expect(emptied).toMatchObject({ entries: 0, bytes: 0 });
  },
);
