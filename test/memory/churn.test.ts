import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import type { CacheStatistics } from "../../src/memory/statistics.js";

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
    const quarter = samples.length / 4;
    const peakOf = (from: number, to: number): number =>
      Math.max(...samples.slice(from, to).map(({ residentBytes }) => residentBytes));
    const late = peakOf(3 * quarter, 4 * quarter);
    expect(late).toBeLessThan(peakOf(2 * quarter, 3 * quarter) + maxBytes / 4);
    expect(late).toBeLessThan(peakOf(0, 1) + maxBytes + 32 * 2 ** 20);
    expect(emptied).toMatchObject({ entries: 0, bytes: 0 });
  },
);
