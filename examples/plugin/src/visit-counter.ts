import { Cache } from "gestalt-cache-memory";

/** A visitor who stays away for half an hour is forgotten. */
const FORGET_AFTER_MS = 30 * 60 * 1000;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Counts the visits of each visitor, in the plugin's cache binding `visits`. */
export class VisitCounter {
  readonly #cache: Cache;

  /** By default the cache that gestaltd, or `gestalt-cache-memory exec --bind visits`, provides. */
  constructor(cache = new Cache("visits")) {
    this.#cache = cache;
  }

  /** Counts a visit. Returns the number of visits since the visitor was last forgotten. */
  async visit(visitor: string): Promise<number> {
    const stored = await this.#cache.get(visitor);
    const visits = (stored === undefined ? 0 : Number(decoder.decode(stored))) + 1;
    await this.#cache.set(visitor, encoder.encode(String(visits)), { ttlMs: FORGET_AFTER_MS });
    return visits;
  }

  /** Returns the visits of several visitors, without unknown and forgotten ones. */
  async visits(visitors: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const stored = await this.#cache.getMany(visitors);
    return new Map(
      Object.entries(stored).map(([visitor, count]) => [visitor, Number(decoder.decode(count))]),
    );
  }

  /** Forgets a visitor. Returns false for an unknown visitor. */
  forget(visitor: string): Promise<boolean> {
    return this.#cache.delete(visitor);
  }
}
