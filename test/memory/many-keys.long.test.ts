import { expect, test } from "vitest";
import { BlockStore } from "../../src/memory/blocks/block-store.js";
import { FakeClock } from "../support/fake-clock.js";

/** The most keys of a JavaScript Map; the next one throws. */
const MAP_CAPACITY = 2 ** 24;

test("the blocks store holds more keys than a Map, and then evicts", { timeout: 120_000 }, () => {
  const room = MAP_CAPACITY + 1000;
  const limits = { maxBytes: 4 * 2 ** 30, maxEntryBytes: 1024, maxEntries: room };
  const store = new BlockStore(limits, new FakeClock());
  const value = Buffer.from("v");
  for (let i = 0; i < room + 5000; i++) store.set(i.toString(36), value, 0);
  expect(store.statistics()).toMatchObject({ entries: room, evicted: 5000 });
  expect(store.get((4999).toString(36))).toBeUndefined();
  expect(store.get((5000).toString(36))).toBeDefined();
  expect(store.get((room + 4999).toString(36))).toBeDefined();
});
