import { expect, test } from "vitest";
import { moveEntries } from "../../src/memory/move-entries.js";
import { createOperationCounts } from "../../src/memory/statistics.js";
import { FakeClock } from "../support/fake-clock.js";
import { entriesOf, STORES } from "./stores.js";

const LIMITS = { maxBytes: 2 ** 30, maxEntryBytes: 1_000 };
const VALUE = new Uint8Array(1);

const PAIRS = STORES.flatMap((from) =>
  STORES.filter((to) => to !== from).map((to) => ({ from, to })),
);

test.each(PAIRS)(
  "entries move from $from.name to $to.name in order of use, with their deadlines",
  async ({ from, to }) => {
    const clock = new FakeClock(1_000);
    const counts = createOperationCounts();
    const source = from.create(LIMITS, clock, counts);
    const target = to.create({ ...LIMITS, maxEntries: 3 }, clock, counts);
    source.set("expired", VALUE, 10);
    source.set("used first", VALUE, 0);
    source.set("a", VALUE, 0);
    source.set("b", VALUE, 5_000);
    source.set("c", VALUE, 315_576_000_000_000);
    source.get("a");
    clock.advance(10);
    const before = { ...counts };

    await moveEntries(source, target, clock, counts);

    expect(entriesOf(target)).toMatchObject([
      { key: "b", value: VALUE, deadline: 6_000 },
      { key: "c", value: VALUE, deadline: 315_576_000_001_000 },
      { key: "a", value: VALUE, deadline: Infinity },
    ]);
    expect(source.statistics()).toMatchObject({ entries: 0, bytes: 0 });
    expect(counts).toEqual({ ...before, expired: 1, evicted: 1 });
  },
);

// This takes minutes if the search for each live entry visits all expired ones.
test.each(PAIRS)(
  "entries move from $from.name to $to.name past 150,000 expired ones",
  async ({ from, to }) => {
    const clock = new FakeClock(1_000);
    const counts = createOperationCounts();
    const source = from.create(LIMITS, clock, counts);
    const target = to.create(LIMITS, clock, counts);
    for (let index = 0; index < 150_000; index++) source.set(`expired ${index}`, VALUE, 10);
    for (let index = 0; index < 50_000; index++) source.set(`live ${index}`, VALUE, 0);
    clock.advance(10);

    await moveEntries(source, target, clock, counts);

    expect(target.statistics()).toMatchObject({ entries: 50_000, expired: 150_000 });
  },
);
