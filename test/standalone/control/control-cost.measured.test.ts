import { expect, onTestFinished, test, vi } from "vitest";
import { DEFAULT_MEMORY_CACHE_CONFIG } from "../../../src/memory/config/memory-cache-config.js";
import { createMemoryCacheProvider } from "../../../src/memory/memory-cache-provider.js";
import { CallRecord } from "../../../src/standalone/control/call-record.js";
import { ControlledCache } from "../../../src/standalone/control/controlled-cache.js";
import { createGrpcClient } from "../../support/grpc-client.js";
import { serve } from "../../support/serve.js";
import type { CacheProvider } from "../../../src/contract/cache-provider.js";

vi.setConfig({ testTimeout: 60_000 });

const ROUNDS = 15;
const CALLS = 300;
const VALUE = Buffer.alloc(100, 7);

/** Milliseconds for a round of calls of Get and Set by grpc-js. */
async function createRound(provider: CacheProvider): Promise<() => Promise<number>> {
  const { path } = await serve({ provider });
  const client = createGrpcClient(`unix://${path}`, "Cache");
  onTestFinished(() => client.close());
  return async () => {
    const started = performance.now();
    for (let call = 0; call < CALLS; call += 50) {
      await Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          index % 2 === 0
            ? client.call("Get", { key: `key ${index + 1}` })
            : client.call("Set", { key: `key ${index}`, value: VALUE }),
        ),
      );
    }
    return performance.now() - started;
  };
}

const median = (values: readonly number[]): number =>
  values.toSorted((one, next) => one - next)[values.length >> 1] ?? NaN;

test("with no rule and no record, Get and Set cost what they cost without control", async () => {
  const config = DEFAULT_MEMORY_CACHE_CONFIG;
  const plain = await createRound(createMemoryCacheProvider({ config }));
  const controlled = await createRound(new ControlledCache({ config }).provider);
  await plain();
  await controlled();
  const ratios: number[] = [];
  // In turn, so that what disturbs the machine disturbs both.
  for (let round = 0; round < ROUNDS; round++) {
    const [first, second] = round % 2 === 0 ? [plain, controlled] : [controlled, plain];
    const times = [await first(), await second()] as const;
    ratios.push(round % 2 === 0 ? times[1] / times[0] : times[0] / times[1]);
  }
  console.log(`cost of control: ${median(ratios).toFixed(3)}`);
  expect(median(ratios)).toBeLessThan(1.05);
});

test("a record that keeps nothing and that nobody watches is idle", () => {
  expect(new CallRecord(false).isIdle).toBe(true);
});
