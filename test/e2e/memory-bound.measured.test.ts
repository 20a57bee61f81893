import { expect, test } from "vitest";
import { startProvider } from "../support/provider-process.js";
import { residentBytes } from "../support/resident-memory.js";

const MIB = 2 ** 20;
const MAX_BYTES = 32 * MIB;

/** What the runtime may have beside the cache. */
const ALLOWANCE_BYTES = 32 * MIB;

const WRITTEN_BYTES = 3 * MAX_BYTES;
const BYTES_PER_CALL = MIB;

/** What an entry is charged at least, besides its value; see `npm run bench:memory` for more sizes. */
const LEAST_OVERHEAD_BYTES = 56;

test.each([100, 1_000, 10_000, 1_000_000])(
  "filled three times over with values of %i bytes, a process keeps to its bound",
  { timeout: 60_000 },
  async (valueBytes) => {
    const provider = await startProvider();
    const config = { fields: { maxBytes: { numberValue: MAX_BYTES } } };
    await provider
      .client("ProviderLifecycle")
      .call("ConfigureProvider", { protocol_version: 3, config });
    const cache = provider.client("Cache");
    const value = Buffer.alloc(valueBytes, "x");
    const entries = Math.ceil(WRITTEN_BYTES / (valueBytes + LEAST_OVERHEAD_BYTES));
    const entriesPerCall = Math.max(1, Math.min(1_000, Math.floor(BYTES_PER_CALL / valueBytes)));
    const idleBytes = residentBytes(provider.pid);
    let peakBytes = 0;
    for (let first = 0; first < entries; first += entriesPerCall) {
      const batch = Array.from({ length: entriesPerCall }, (_, index) => ({
        key: `key ${String(first + index).padStart(12, "0")}`,
        value,
      }));
      const { code, details } = await cache.call("SetMany", { entries: batch });
      expect(code, details).toBe(0);
      if (first % (50 * entriesPerCall) === 0) {
        peakBytes = Math.max(peakBytes, residentBytes(provider.pid));
      }
    }
    peakBytes = Math.max(peakBytes, residentBytes(provider.pid));
    expect(peakBytes - idleBytes).toBeLessThan(MAX_BYTES + ALLOWANCE_BYTES);
  },
);
