import { expect, test } from "vitest";
import type { CacheProvider } from "../../../src/contract/cache-provider.js";
import { DEFAULT_MEMORY_CACHE_CONFIG } from "../../../src/memory/config/memory-cache-config.js";
import { createMemoryCacheProvider } from "../../../src/memory/memory-cache-provider.js";
import { CallRecord } from "../../../src/standalone/control/call-record.js";
import { ControlledCache } from "../../../src/standalone/control/controlled-cache.js";
import { medianOf } from "../../support/median.js";

const ROUNDS = 21;
const OPERATIONS = 20_000;
const VALUE = Buffer.alloc(100, 7);

/** A hundredth of the time that the fastest call over gRPC takes, in nanoseconds. */
const MAX_COST_NS = 200;

const KEYS = Array.from({ length: 1_000 }, (_, index) => `key ${index}`);

/** Returns the nanoseconds that a Get or a Set takes. */
function timeOperations(provider: CacheProvider): number {
  const started = performance.now();
  for (let operation = 0; operation < OPERATIONS; operation += 2) {
    void provider.set(KEYS[operation % KEYS.length] ?? "", VALUE);
    void provider.get(KEYS[(operation + 500) % KEYS.length] ?? "");
  }
  return ((performance.now() - started) * 1e6) / OPERATIONS;
}

test("without rules and a record, Get and Set cost as much as without Control", () => {
  const config = DEFAULT_MEMORY_CACHE_CONFIG;
  const plain = createMemoryCacheProvider({ config });
  const { provider: controlled } = new ControlledCache({ config });
  const costsNs: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    // In turn, so that other work on the machine slows both.
    const plainNs = timeOperations(plain);
    const controlledNs = timeOperations(controlled);
    costsNs.push(controlledNs - plainNs);
  }
  expect(medianOf(costsNs)).toBeLessThan(MAX_COST_NS);
});

test("a record that keeps nothing and has no watcher is idle", () => {
  expect(new CallRecord(false).isIdle).toBe(true);
});
