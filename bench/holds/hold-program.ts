/** Program: measures how long a provider's store blocks the event loop. */
import { performance } from "node:perf_hooks";
import type { StoreKind } from "../../src/memory/config/config-schema.js";
import { createMemoryCacheProvider } from "../../src/memory/memory-cache-provider.js";
import { limitHeapGarbage } from "../../src/server/limits/heap-garbage.js";
import { createKey, createValue } from "../figures/random.js";
import { longestHoldDuringMs, longestHoldMs } from "./hold-monitor.js";
import type { HoldFigures } from "./hold-phases.js";

/** Writes in one turn of the event loop; they take a tenth of a millisecond. */
const WRITES_PER_TURN = 20;

const VALUE_BYTES = 100;

limitHeapGarbage();
const [store, bytes] = process.argv.slice(2) as [StoreKind, string];
const maxBytes = Number(bytes);
const provider = createMemoryCacheProvider();
const value = createValue(VALUE_BYTES);
let written = 0;

process.once("disconnect", () => process.exit());
const figures = await measure();
process.send?.(figures);

async function measure(): Promise<HoldFigures> {
  await configure(store, maxBytes);
  const startMs = performance.now();
  const filling = await fill();
  const fillMs = performance.now() - startMs;
  const { entries } = provider.statistics();

  // All expire at the same time, after the last one is written.
  const deadlineMs = performance.now() + 3 * fillMs + 1_000;
  const evicting = await write(entries, () => Math.max(1, deadlineMs - performance.now()));
  await longestHoldMs(() => performance.now() < deadlineMs - 50);
  const expiring = await longestHoldMs(() => provider.statistics().entries > 0);

  await fill();
  const growing = await longestHoldDuringMs(() => configure(store, 2 * maxBytes));
  const shrinking = await longestHoldDuringMs(() => configure(store, maxBytes / 4));
  await configure(store, maxBytes);
  await fill();
  const other = store === "lru" ? "blocks" : "lru";
  const moving = await longestHoldDuringMs(() => configure(other, maxBytes));
  await provider.closeProvider();
  return { entries, phases: { filling, evicting, expiring, growing, shrinking, moving } };
}

async function configure(kind: StoreKind, bound: number): Promise<void> {
  await provider.configureProvider("bench", { store: kind, maxBytes: bound });
}

/** Writes until the first entry is evicted. */
function fill(): Promise<number> {
  const { evicted } = provider.statistics();
  return longestHoldMs(() => {
    writeSome(() => 0);
    return provider.statistics().evicted === evicted;
  });
}

function write(entries: number, ttlMs: () => number): Promise<number> {
  const end = written + entries;
  return longestHoldMs(() => {
    writeSome(ttlMs);
    return written < end;
  });
}

function writeSome(ttlMs: () => number): void {
  for (let count = 0; count < WRITES_PER_TURN; count++) {
    void provider.set(createKey(written++), value, { ttlMs: Math.ceil(ttlMs()) });
  }
}
