// Simulates an hour of churn in the built store with a manual clock. Prints the
// resident memory and statistics after each twentieth of the hour, as JSON.
import { createStore } from "../../dist/memory/create-store.js";
import { createOperationCounts } from "../../dist/memory/statistics.js";
import { limitHeapGarbage, noteReleasedBuffers } from "../../dist/server/limits/heap-garbage.js";

// Every process that serves a cache does this.
limitHeapGarbage();

const MAX_BYTES = 32 * 2 ** 20;
const ROUNDS = 20;
const OPERATIONS_A_ROUND = 15_000;

let nowMs = 0;
const store = createStore(
  { store: process.argv[2], maxBytes: MAX_BYTES, maxEntryBytes: 2 ** 20 },
  { now: () => nowMs },
  createOperationCounts(),
);
const source = Buffer.alloc(2 ** 17, 7);
const samples = [];
let seed = 1;
const random = (below) => {
  seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
  return seed % below;
};

for (let round = 0; round < ROUNDS; round++) {
  // Sizes vary from round to round, so that memory of one size must be reused for another.
  const largest = [40, 400, 4_000, 100_000][round % 4];
  for (let i = 0; i < OPERATIONS_A_ROUND; i++) {
    nowMs += 12;
    const key = `session:${random(200_000)}`;
    const what = random(10);
    if (what < 5) {
      const value = source.subarray(0, random(largest));
      store.set(key, value, random(3) * random(60_000));
      noteReleasedBuffers(2 * value.length);
    } else if (what < 7) noteReleasedBuffers(2 * (store.get(key)?.length ?? 0));
    else if (what < 8) store.touch(key, random(60_000));
    else if (what < 9) store.delete(key);
    else store.reclaimExpired(10);
    if (i % 1000 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  samples.push({ residentBytes: process.memoryUsage.rss(), ...store.statistics() });
}
for (const key of [...store.keys()]) store.delete(key);
process.stdout.write(JSON.stringify({ maxBytes: MAX_BYTES, samples, emptied: store.statistics() }));
