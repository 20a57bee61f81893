import { Cache } from "gestalt-cache-memory";

/** Who stays away for half an hour is forgotten. */
const FORGET_AFTER_MS = 30 * 60 * 1000;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Counts the visits of each visitor, in the plugin's cache binding `visits`. */
export class VisitCounter {
  readonly #cache: Cache;

  /** Under gestaltd, and under `gestalt-cache-memory exec --bind visits`, it finds the cache itself. */
  constructor(cache = new Cache("visits")) {
    this.#cache = cache;
  }

  /** Counts one more visit; how many it were in a row. */
  async visit(visitor: string): Promise<number> {
    const stored = await this.#cache.get(visitor);
    const visits = (stored === undefined ? 0 : Number(decoder.decode(stored))) + 1;
    await this.#cache.set(visitor, encoder.encode(String(visits)), { ttlMs: FORGET_AFTER_MS });
    return visits;
  }

  /** The visits of several visitors; those who were never here, or not lately, are left out. */
  async visits(visitors: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const stored = await this.#cache.getMany(visitors);
    return new Map(
      Object.entries(stored).map(([visitor, count]) => [visitor, Number(decoder.decode(count))]),
    );
  }

  /** Forgets a visitor; true if there was something to forget. */
  forget(visitor: string): Promise<boolean> {
    return this.#cache.delete(visitor);
  }
}
