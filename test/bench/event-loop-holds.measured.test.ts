import { expect, test } from "vitest";
import type { HoldFigures } from "../../bench/holds/hold-phases.js";
import type { StoreKind } from "../../src/memory/config-schema.js";
import { runBench } from "./run-bench.js";

/**
 * What each store aims at with the default maxBytes, in milliseconds. A shared machine gets
 * twice as much, since its other work empties the processor's caches.
 */
const AIMS = [
  { store: "lru", writingMs: 50, resizingMs: 10 },
  { store: "blocks", writingMs: 12, resizingMs: 5 },
] as const;

const MARGIN = 2;

test.each(AIMS)(
  "store $store with the default maxBytes never holds the event loop for long",
  { timeout: 120_000 },
  async ({ store, writingMs, resizingMs }) => {
    const { figures } = await runBench(
      "bench-expiry",
      ...["--only", "holds", "--stores", store, "--bounds", "64", "--rounds", "1"],
    );
    const [row] = figures["holds"] as { store: StoreKind; rounds: [HoldFigures] }[];
    expect(row?.store).toBe(store);
    const { filling, evicting, expiring, growing, shrinking } = row?.rounds[0].phases ?? {};
    for (const heldMs of [filling, evicting, expiring]) {
      expect(heldMs).toBeLessThan(MARGIN * writingMs);
    }
    for (const heldMs of [growing, shrinking]) {
      expect(heldMs).toBeLessThan(MARGIN * resizingMs);
    }
  },
);
