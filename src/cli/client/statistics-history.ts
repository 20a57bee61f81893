import type { StatisticsFigures } from "../../standalone/services/statistics-service.js";

/** What happened between two readings. */
export interface StatisticsChange {
  /** Reads that found something, of all reads; undefined without reads. */
  readonly hitRatio: number | undefined;
  /** Keys read, written, deleted and touched, in a second. */
  readonly operationsPerSecond: number;
  readonly evictionsPerSecond: number;
  /** What the entries are charged at the end, in bytes. */
  readonly bytes: number;
}

/** Readings of a cache, as far as a view of them goes back. */
export class StatisticsHistory {
  #last: { readonly figures: StatisticsFigures; readonly atMs: number } | undefined;
  #changes: readonly StatisticsChange[] = [];

  /** @param size - how many changes to keep */
  constructor(private readonly size: number) {}

  /** The latest reading; undefined before the first. */
  get figures(): StatisticsFigures | undefined {
    return this.#last?.figures;
  }

  /** What happened from reading to reading, the latest last. */
  get changes(): readonly StatisticsChange[] {
    return this.#changes;
  }

  /**
   * Takes a reading. Counts that went back are those of another cache: history
   * begins again.
   *
   * @param atMs - when it was taken, by a clock that does not go back
   */
  add(figures: StatisticsFigures, atMs: number): void {
    const last = this.#last;
    this.#last = { figures, atMs };
    if (last === undefined) return;
    if (operationsOf(figures) < operationsOf(last.figures)) {
      this.#changes = [];
      return;
    }
    const change = changeBetween(last.figures, figures, (atMs - last.atMs) / 1_000);
    this.#changes = [...this.#changes, change].slice(-this.size);
  }
}

function changeBetween(
  before: StatisticsFigures,
  after: StatisticsFigures,
  seconds: number,
): StatisticsChange {
  const hits = after.hits - before.hits;
  const reads = hits + after.misses - before.misses;
  const perSecond = (count: number): number => (seconds > 0 ? count / seconds : 0);
  return {
    hitRatio: reads === 0 ? undefined : hits / reads,
    operationsPerSecond: perSecond(operationsOf(after) - operationsOf(before)),
    evictionsPerSecond: perSecond(after.evicted - before.evicted),
    bytes: after.bytes,
  };
}

function operationsOf({ hits, misses, sets, deletes, touches }: StatisticsFigures): number {
  return hits + misses + sets + deletes + touches;
}
