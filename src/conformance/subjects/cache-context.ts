import type { CacheUnderTest } from "../cache-under-test.js";
import type { CacheContext } from "../case-context.js";
import { CaseTime, type Ticker } from "../case-time.js";
import { assertUnused } from "../key-space.js";
import { recordCalls } from "../recorded-cache.js";
import type { CaseWorkspace } from "../subject.js";

/** What differs between those who carry a cache. */
export interface CacheSetting {
  readonly ticker: Ticker;
  readonly unitMs: number;
  /** True when others may have entries there. */
  readonly shared: boolean;
}

/** The context of a case that speaks to this cache. */
export function createCacheContext(
  cache: CacheUnderTest,
  { ticker, unitMs, shared }: CacheSetting,
  { transcript, keys, stretch, defer }: CaseWorkspace,
): CacheContext {
  const noted: Ticker = {
    exact: ticker.exact,
    now: () => ticker.now(),
    wait: async (ms) => {
      transcript.note(`(waited ${Math.round(ms * 1000) / 1000} ms)`);
      await ticker.wait(ms);
    },
  };
  const recorded = recordCalls(cache, transcript);
  return {
    cache: recorded,
    transcript,
    time: new CaseTime(noted, unitMs * stretch),
    key: (tail) => keys.next(tail),
    derivedKey: (key) => keys.add(key),
    bareKey: async (key) => {
      if (shared) await assertUnused(recorded, key);
      defer(() => keys.remove(cache, key));
      return keys.add(key);
    },
  };
}
