/** Program: this project's server, which also watches its own event loop and its emptying. */
// First: it replaces the timers that the modules after it take.
import { readCallbackTimes } from "./timed-callbacks.js";
import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import type { StoreKind } from "../../src/memory/config/config-schema.js";
import { createMemoryCacheProvider } from "../../src/memory/memory-cache-provider.js";
import { createProviderServices } from "../../src/rpc/provider-services.js";
import { limitHeapGarbage } from "../../src/server/limits/heap-garbage.js";
import { startProviderServer } from "../../src/server/provider-server.js";
import { createKey, createRandom, createValue } from "../figures/random.js";
import type { Emptied, ExpiryFilling, ExpiryQuestion, Holds } from "./expiry-server.js";

/** How often it is looked whether the cache is empty. */
const LOOK_MS = 2;

const VALUE_BYTES = 100;

const [socketPath, watched, store] = process.argv.slice(2) as [string, string, StoreKind];
const delays = monitorEventLoopDelay({ resolution: 1 });
const provider = createMemoryCacheProvider({
  config: { store, maxBytes: 2 ** 30, maxEntryBytes: 2 ** 20 },
});
let emptiedAfterLastMs: number | undefined;

// As the published command does.
limitHeapGarbage();
const routes = createProviderServices(provider, { requireConfigure: false });
await startProviderServer({ routes }, { kind: "unix", path: socketPath });
if (watched === "watched") delays.enable();
process.on("message", (question: ExpiryQuestion) => {
  process.send?.(answerTo(question));
});
process.once("disconnect", () => process.exit());
process.send?.({});

function answerTo(question: ExpiryQuestion): Holds | Emptied | object {
  switch (question.ask) {
    case "fill":
      fill(question.filling);
      return {};
    case "holds":
      return readHolds();
    case "emptied":
      return {
        entriesLeft: provider.statistics().entries,
        ...(emptiedAfterLastMs === undefined ? {} : { afterLastMs: emptiedAfterLastMs }),
      };
  }
}

function fill({ entries, firstAfterMs, spreadMs }: ExpiryFilling): void {
  const random = createRandom(3);
  const value = createValue(VALUE_BYTES);
  const firstMs = performance.now() + firstAfterMs;
  for (let index = 0; index < entries; index++) {
    const deadline = firstMs + random() * spreadMs;
    const ttlMs = Math.max(1, Math.ceil(deadline - performance.now()));
    void provider.set(createKey(index), value, { ttlMs });
  }
  if (watched === "watched") noteWhenEmpty(firstMs + spreadMs);
}

function noteWhenEmpty(lastDeadlineMs: number): void {
  emptiedAfterLastMs = undefined;
  const looking = setInterval(() => {
    if (performance.now() < lastDeadlineMs || provider.statistics().entries > 0) return;
    emptiedAfterLastMs = performance.now() - lastDeadlineMs;
    clearInterval(looking);
  }, LOOK_MS);
}

function readHolds(): Holds {
  // The histogram holds the whole interval; a timer of 1 ms that is on time is no hold.
  const longestDelayMs = Math.max(0, delays.max / 1e6 - 1);
  delays.reset();
  return { longestDelayMs, callbacks: readCallbackTimes() };
}
