import { expect, test } from "vitest";
import type { HoldFigures } from "../../bench/holds/hold-phases.js";
import type { StoreKind } from "../../src/memory/config/config-schema.js";
import { medianOf } from "../support/median.js";
import { runBench } from "./run-bench.js";

/**
 * The aim of each store with the default maxBytes, in milliseconds. A shared machine gets
 * twice as much, since its other work evicts the processor's caches.
 *
 * A new `store` is filled while the old one is emptied, so the longest hold is
 * that of the slower one. The Map inside lru-cache rehashes all its keys at once when it grows,
 * after many removals, and when three quarters are removed, as after a smaller bound.
 */
const AIMS = [
  { store: "lru", writingMs: 50, growingMs: 5, shrinkingMs: 25, movingMs: 50 },
  { store: "blocks", writingMs: 12, growingMs: 5, shrinkingMs: 5, movingMs: 50 },
] as const;

const MARGIN = 2;

const ROUNDS = 3;

test.each(AIMS)(
  "store $store with the default maxBytes blocks the event loop no longer than its aim",
  { timeout: 240_000 },
  async ({ store, writingMs, growingMs, shrinkingMs, movingMs }) => {
    const { figures } = await runBench(
      "bench-expiry",
      ...["--only", "holds", "--stores", store, "--bounds", "64", "--rounds", String(ROUNDS)],
    );
    const [row] = figures["holds"] as { store: StoreKind; rounds: HoldFigures[] }[];
    expect(row?.store).toBe(store);
    expect(row?.rounds).toHaveLength(ROUNDS);
    const holdMs = (phase: keyof HoldFigures["phases"]): number =>
      medianOf(row?.rounds.map(({ phases }) => phases[phase]) ?? []);
    expect(holdMs("filling")).toBeLessThan(MARGIN * writingMs);
    expect(holdMs("evicting")).toBeLessThan(MARGIN * writingMs);
    expect(holdMs("expiring")).toBeLessThan(MARGIN * writingMs);
    expect(holdMs("growing")).toBeLessThan(MARGIN * growingMs);
    expect(holdMs("shrinking")).toBeLessThan(MARGIN * shrinkingMs);
    expect(holdMs("moving")).toBeLessThan(MARGIN * movingMs);
  },
);
