import { expect, test } from "vitest";
import { nextTurn } from "../../src/contract/maybe-promise.js";
import { EntryStore } from "../../src/memory/entry-store.js";
import { createMemoryCacheProvider } from "../../src/memory/memory-cache-provider.js";
import { isSound } from "../../src/memory/store-soundness.js";
import type { StoredEntry } from "../../src/memory/stored-entry.js";
import { FakeClock } from "../support/fake-clock.js";

const MIB = 2 ** 20;
const limits = { maxBytes: MIB, maxEntryBytes: MIB };

/** A store with a few entries, one of them with an awkward key. */
function createStore(): EntryStore {
  const store = new EntryStore(limits, new FakeClock());
  for (const key of ["", "a", "ключ", "k".repeat(500)]) store.set(key, new Uint8Array(100), 0);
  store.set("expired", new Uint8Array(1), 1);
  return store;
}

/** The same, lying about itself. */
function lying(lies: Partial<Pick<EntryStore, "statistics" | "entries">>): EntryStore {
  const store = createStore();
  return Object.assign(store, lies);
}

test("a store is sound, empty, full, and with a large write under way", () => {
  expect(isSound(new EntryStore(limits, new FakeClock()))).toBe(true);
  expect(isSound(createStore())).toBe(true);
  const roomy = new EntryStore({ maxBytes: 16 * MIB, maxEntryBytes: 16 * MIB }, new FakeClock());
  const slices = roomy.setInSlices("large", new Uint8Array(8 * MIB), 0);
  while (slices.next().done !== true) expect(isSound(roomy)).toBe(true);
  expect(isSound(roomy)).toBe(true);
});

test("it is sound with entries that have expired and were not reclaimed yet", () => {
  const clock = new FakeClock();
  const store = new EntryStore(limits, clock);
  for (let ttlMs = 0; ttlMs < 100; ttlMs++) store.set(`key ${ttlMs}`, new Uint8Array(10), ttlMs);
  clock.advance(50);
  expect(store.statistics().entries).toBe(100);
  expect(isSound(store)).toBe(true);
  expect(store.get("key 10")).toBeUndefined();
  expect(isSound(store)).toBe(true);
});

test("a provider is sound at every step of a large write that a new configuration overtakes", async () => {
  const provider = createMemoryCacheProvider();
  const configure = (maxBytes: number) =>
    provider.configureProvider("", { maxBytes, maxEntryBytes: 25 * MIB });
  await configure(64 * MIB);
  await provider.set("small", new Uint8Array(100), { ttlMs: 60_000 });
  const ended: string[] = [];
  const write = Promise.resolve(provider.set("large", new Uint8Array(24 * MIB)));
  const writing = write.then(() => ended.push("write"));
  const configuring = Promise.resolve(configure(32 * MIB)).then(() => ended.push("configuration"));
  while (!ended.includes("write")) {
    expect(provider.isSound()).toBe(true);
    await nextTurn();
  }
  await Promise.all([writing, configuring]);
  expect(ended).toEqual(["configuration", "write"]);
  expect(provider.isSound()).toBe(true);
  expect(provider.statistics()).toMatchObject({ entries: 2, maxBytes: 32 * MIB });
  await provider.closeProvider();
});

test.each([
  ["has fewer entries than it says", { entries: 6 }],
  ["has more entries than it says", { entries: 4 }],
  ["holds more than it accounts for", { bytes: 100 }],
  ["accounts for more than it may hold", { bytes: 2 * MIB }],
])("it is not when it %s", (_, lie) => {
  const truth = createStore().statistics();
  expect(isSound(lying({ statistics: () => ({ ...truth, ...lie }) }))).toBe(false);
});

test("it is not when its list of entries never ends, or cannot be read", () => {
  const [entry] = createStore().entries();
  function* forEver(): Generator<StoredEntry> {
    for (;;) if (entry !== undefined) yield entry;
  }
  expect(isSound(lying({ entries: forEver }))).toBe(false);
  const entries = (): never => {
    throw new RangeError("invalid length");
  };
  expect(isSound(lying({ entries }))).toBe(false);
});
