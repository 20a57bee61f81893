// Simulates an hour of churn in the built store with a manual clock. Prints the
// resident memory and statistics after each twentieth of the hour, as JSON.
// Arguments: the kind of store, and the largest value of each kind of round, as JSON.
import { createStore } from "../../dist/memory/create-store.js";
import { createOperationCounts } from "../../dist/memory/statistics.js";
import { limitHeapGarbage, noteReleasedBuffers } from "../../dist/server/limits/heap-garbage.js";

// Every process that serves a cache does this.
limitHeapGarbage();

const MAX_BYTES = 32 * 2 ** 20;
const ROUNDS = 20;
const OPERATIONS_A_ROUND = 15_000;

const [, , kind, sizes] = process.argv;
const largestValues = JSON.parse(sizes);
const source = Buffer.alloc(2 ** 17, 7);
let nowMs = 0;
let seed = 1;
const random = (below) => {
  seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
  return seed % below;
};

function createCache(maxBytes) {
  const options = { store: kind, maxBytes, maxEntryBytes: maxBytes / 32 };
  return createStore(options, { now: () => nowMs }, createOperationCounts());
}

async function churn(store, largest) {
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
}

// Compiled code is not the cache's.
await churn(createCache(2 ** 20), 100);
const idleBytes = process.memoryUsage.rss();

const store = createCache(MAX_BYTES);
const samples = [];
for (let round = 0; round < ROUNDS; round++) {
  await churn(store, largestValues[round % largestValues.length]);
  samples.push({ residentBytes: process.memoryUsage.rss(), ...store.statistics() });
}
for (const key of [...store.keys()]) store.delete(key);
process.stdout.write(
  JSON.stringify({ maxBytes: MAX_BYTES, idleBytes, samples, emptied: store.statistics() }),
);
