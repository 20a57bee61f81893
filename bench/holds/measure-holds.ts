import type { StoreKind } from "../../src/memory/config/config-schema.js";
import { formatMs } from "../figures/format.js";
import { median } from "../figures/percentiles.js";
import type { Report } from "../measurement.js";
import { nextMessage, startBenchProgram, stopChild } from "../process/child.js";
import type { CorePlan } from "../process/cpu-pinning.js";
import { HOLD_PHASES, type HoldFigures, type HoldPhase } from "./hold-phases.js";

const AIMS: Readonly<Record<StoreKind, string>> = {
  lru: "50 ms at 64 MiB",
  blocks: "12 ms at 64 MiB",
};

/** Options of {@link measureHolds}. */
export interface HoldOptions {
  readonly stores: readonly StoreKind[];
  /** Bounds, in MiB. */
  readonly bounds: readonly number[];
  /** Processes for each store and bound. */
  readonly rounds: number;
  readonly cores: CorePlan;
  readonly progress: (step: string) => void;
}

/** One store with one bound. */
interface HoldRow {
  readonly store: StoreKind;
  readonly bound: number;
  readonly rounds: readonly HoldFigures[];
}

/** Measures the longest block of the event loop by each store, and how it grows with the bound. */
export async function measureHolds(options: HoldOptions): Promise<Report> {
  const { stores, bounds, rounds, cores, progress } = options;
  const rows: HoldRow[] = [];
  for (const store of stores) {
    for (const bound of bounds) {
      const figures: HoldFigures[] = [];
      for (let round = 0; round < rounds; round++) {
        progress(`holds of ${store} at ${bound} MiB: round ${round + 1}/${rounds}`);
        figures.push(await measureOnce(store, bound, cores.server));
      }
      rows.push({ store, bound, rounds: figures });
    }
  }
  return createHoldsReport(rows);
}

async function measureOnce(
  store: StoreKind,
  bound: number,
  core: number | undefined,
): Promise<HoldFigures> {
  const args = [store, String(bound * 2 ** 20)];
  const child = startBenchProgram("holds/hold-program", args, { core });
  try {
    return await nextMessage<HoldFigures>(child);
  } finally {
    await stopChild(child);
  }
}

function createHoldsReport(rows: readonly HoldRow[]): Report {
  return {
    title: "Holds of the event loop",
    explanation:
      "Entries of 100 B, 20 written in a turn of the event loop: the longest turn while the cache " +
      "fills, while each write evicts (and has the first TTL), while all entries expire at once, " +
      "and while it is reconfigured with twice the bound, an eighth of that, and the other store. " +
      "Medians of the rounds.",
    columns: ["store", "maxBytes", "entries", ...HOLD_PHASES, "aim: filling, evicting, expiring"],
    rows: rows.map(({ store, bound, rounds }) => [
      store,
      `${bound} MiB`,
      (rounds[0]?.entries ?? 0).toLocaleString("en-US"),
      ...HOLD_PHASES.map((phase) => formatMs(medianOf(rounds, phase))),
      AIMS[store],
    ]),
    notes: [],
    figures: rows,
  };
}

function medianOf(rounds: readonly HoldFigures[], phase: HoldPhase): number {
  return median(rounds.map(({ phases }) => phases[phase]));
}
