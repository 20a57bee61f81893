import type { StatisticsFigures } from "../../standalone/services/statistics-service.js";

/** The change between two readings. */
export interface StatisticsChange {
  /** Hits divided by reads; undefined without reads. */
  readonly hitRatio: number | undefined;
  /** Keys read, written, deleted and touched per second. */
  readonly operationsPerSecond: number;
  readonly evictionsPerSecond: number;
  /** The charge of all entries at the second reading, in bytes. */
  readonly bytes: number;
}

/** The latest readings of a cache. */
export class StatisticsHistory {
  readonly #size: number;
  #last: { readonly figures: StatisticsFigures; readonly atMs: number } | undefined;
  #changes: readonly StatisticsChange[] = [];

  /** @param size - the number of changes to keep */
  constructor(size: number) {
    this.#size = size;
  }

  /** The latest reading; undefined before the first one. */
  get figures(): StatisticsFigures | undefined {
    return this.#last?.figures;
  }

  /** The changes from reading to reading, the latest last. */
  get changes(): readonly StatisticsChange[] {
    return this.#changes;
  }

  /**
   * Adds a reading. Lower counts than before mean that the server was restarted; the history is
   * cleared then.
   *
   * @param atMs - the time of the reading, in milliseconds of a monotonic clock
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
    this.#changes = [...this.#changes, change].slice(-this.#size);
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
