import { randomBytes } from "node:crypto";
import { CallFailed, type CacheUnderTest } from "./cache-under-test.js";
import { CaseSkipped } from "./failure.js";

/** How many keys one clean-up call removes. */
const DELETE_BATCH = 500;

/**
 * The keys of one run. A random prefix keeps the cases apart from each other, and
 * from everything else in a backend that others use too.
 */
export class KeySpace {
  readonly prefix = `conformance-${randomBytes(6).toString("hex")}:`;
  /** Keys that may still have an entry. */
  readonly #left = new Set<string>();
  #issued = 0;

  /** A key that nobody else uses. `tail` ends it, for what a key may hold. */
  next(tail = ""): string {
    return this.add(`${this.prefix}${this.#issued++}:${tail}`);
  }

  /** Takes a key that a case has made itself, so that its entry is removed like the others. */
  add(key: string): string {
    this.#left.add(key);
    return key;
  }

  /** Removes the entry of one key. When that fails, {@link removeAll} tries again. */
  async remove(cache: CacheUnderTest, key: string): Promise<void> {
    await cache.delete(key);
    this.#left.delete(key);
  }

  /**
   * Removes every entry that is left. An entry whose removal the provider refuses stays.
   *
   * @throws NoAnswer when the provider does not reply
   */
  async removeAll(cache: CacheUnderTest): Promise<void> {
    const keys = [...this.#left];
    for (let begin = 0; begin < keys.length; begin += DELETE_BATCH) {
      await this.#removeBatch(cache, keys.slice(begin, begin + DELETE_BATCH));
    }
  }

  /** One key that the provider refuses fails the whole batch: then each is removed alone. */
  async #removeBatch(cache: CacheUnderTest, keys: readonly string[]): Promise<void> {
    if (await isAccepted(cache.deleteMany(keys))) {
      for (const key of keys) this.#left.delete(key);
      return;
    }
    for (const key of keys) await isAccepted(this.remove(cache, key));
  }
}

/** False when the provider replies with an error. */
async function isAccepted(call: Promise<unknown>): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    if (error instanceof CallFailed) return false;
    throw error;
  }
}

/**
 * Makes sure that a key without the run's prefix, such as the empty one, belongs to
 * nobody else.
 *
 * @throws CaseSkipped when there is an entry under it already
 */
export async function assertUnused(cache: CacheUnderTest, key: string): Promise<void> {
  const { found } = await cache.get(key);
  if (found)
    throw new CaseSkipped(
      `the key ${JSON.stringify(key)} already has an entry, which may belong to another client`,
    );
}
