import type { CacheStatistics } from "../../memory/statistics.js";
import type { RecordedCall } from "./call-record.js";
import type { ControlledCache, EntryWithValue } from "./controlled-cache.js";
import type { FaultRule } from "./fault-rule.js";
import type { Fault } from "./fault-rules.js";

/** The clock of one or several caches. */
export interface ClockControls {
  /** True when only `advance` moves the clock. */
  readonly isFrozen: boolean;
  /** The time since the caches were started or reset, in milliseconds, as the clock measures it. */
  readonly elapsedMs: number;
  /**
   * Moves the clock forward, frozen or not. Entries that are due are expired at once; when the
   * promise settles, they are removed and counted as expired as well.
   *
   * @throws CacheError `invalid_argument` for a step that is negative or beyond every TTL
   */
  advance(ms: number): Promise<void>;
  /** Stops the clock, at the next whole millisecond. */
  freeze(): Promise<void>;
  /** Lets a frozen clock run again from where it stopped. */
  resume(): Promise<void>;
}

/** The fault rules of one or several caches. */
export interface FaultControls {
  /**
   * Adds a rule behind those that are there, to each cache; each counts for itself.
   *
   * @throws CacheError `invalid_argument` for a rule that is malformed or that no call can match
   */
  add(rule: FaultRule): void;
  /** The rules in the order in which they are tried, with their counts. */
  list(): readonly (Fault & { readonly binding: string })[];
  /** Removes all rules. */
  clear(): void;
}

/** Time, faults and a look inside, for one or several caches. */
export interface CacheControls {
  readonly clock: ClockControls;
  readonly faults: FaultControls;
  /**
   * Live entries, the least recently used first. Does not count as a use.
   *
   * @param prefix - keys begin with this; by default all
   */
  entries(prefix?: string): readonly (EntryWithValue & { readonly binding: string })[];
  /** The last calls, 1,000 of each cache, the oldest first. */
  calls(): readonly (RecordedCall & { readonly binding: string })[];
  /**
   * Removes all entries, faults and recorded calls, sets the statistics to zero, and lets the
   * clock do what it did at the beginning: run, or stay frozen.
   */
  reset(): Promise<void>;
}

/** The controls of one binding. */
export interface BindingControls extends CacheControls {
  /** What the cache holds, and what it did since it was started or reset. */
  statistics(): CacheStatistics;
}

/** The controls of caches together, each under the name of its binding. */
export function createCacheControls(caches: ReadonlyMap<string, ControlledCache>): CacheControls {
  const all = [...caches];
  const forEach = async (act: (cache: ControlledCache) => Promise<unknown>): Promise<void> => {
    await Promise.all(all.map(([, cache]) => act(cache)));
  };
  const collect = <T extends object>(
    read: (cache: ControlledCache) => readonly T[],
  ): (T & { readonly binding: string })[] =>
    all.flatMap(([binding, cache]) => read(cache).map((item) => ({ binding, ...item })));
  /** All caches of a process start with one mode and are moved together, or one by one. */
  const [first] = all.map(([, cache]) => cache.clock);

  return {
    clock: {
      get isFrozen() {
        return all.every(([, cache]) => cache.clock.isFrozen);
      },
      get elapsedMs() {
        return first?.state.elapsedMs ?? 0;
      },
      advance: (ms) => forEach((cache) => cache.advance(ms)),
      freeze: () => forEach((cache) => cache.freeze()),
      resume: () => forEach((cache) => cache.resume()),
    },
    faults: {
      add(rule) {
        for (const [, cache] of all) cache.faults.add(rule);
      },
      list: () => collect((cache) => cache.faults.list()),
      clear() {
        for (const [, cache] of all) cache.faults.clear();
      },
    },
    entries: (prefix = "") => collect((cache) => cache.listEntries({ prefix }).entries),
    calls: () =>
      collect((cache) => cache.calls.list()).sort((left, right) => left.timeMs - right.timeMs),
    reset: () => forEach((cache) => cache.reset()),
  };
}
