import type { GetStatisticsResponse } from "../../../rpc/gen/gestalt_cache_memory/v1/statistics_pb.js";

/** The figures of a cache at a time. */
export type Figures = Omit<GetStatisticsResponse, `$${string}`>;

/** How many points the charts show. */
const MAX_POINTS = 300;

/** What the charts show: a point for each reading but the first. */
export class History {
  /** Seconds since 1970. */
  readonly times: number[] = [];
  /** The part of the reads that found an entry; null in a time without reads. */
  readonly ratio: (number | null)[] = [];
  /** Each per second. */
  readonly reads: number[] = [];
  readonly writes: number[] = [];
  readonly removals: number[] = [];
  readonly bytes: number[] = [];
  readonly maxBytes: number[] = [];
  #last: { readonly figures: Figures; readonly seconds: number } | undefined;

  /** Adds a reading. After a reset of the cache the figures start at zero. */
  add(figures: Figures, seconds: number): void {
    const last = this.#last;
    this.#last = { figures, seconds };
    if (last === undefined || seconds <= last.seconds) return;
    const passed = seconds - last.seconds;
    const since = (name: keyof Figures): number => {
      const now = Number(figures[name]);
      const before = Number(last.figures[name]);
      return now < before ? now : now - before;
    };
    const hits = since("hits");
    const reads = hits + since("misses");
    this.times.push(seconds);
    this.ratio.push(reads === 0 ? null : hits / reads);
    this.reads.push(reads / passed);
    this.writes.push(since("sets") / passed);
    this.removals.push((since("deletes") + since("expired") + since("evicted")) / passed);
    this.bytes.push(Number(figures.bytes));
    this.maxBytes.push(Number(figures.maxBytes));
    if (this.times.length > MAX_POINTS) this.#dropOldest();
  }

  #dropOldest(): void {
    const { times, ratio, reads, writes, removals, bytes, maxBytes } = this;
    for (const values of [times, ratio, reads, writes, removals, bytes, maxBytes]) values.shift();
  }
}
