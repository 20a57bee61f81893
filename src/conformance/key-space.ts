import { randomBytes } from "node:crypto";
import type { CacheUnderTest } from "./cache-under-test.js";
import { CaseSkipped } from "./failure.js";

/** How many keys one clean-up call removes. */
const DELETE_BATCH = 500;

/**
 * The keys of one run. A random prefix keeps the cases apart from each other, and
 * from everything else in a backend that others use too.
 */
export class KeySpace {
  readonly prefix = `conformance-${randomBytes(6).toString("hex")}:`;
  readonly #issued: string[] = [];

  /** A key that nobody else uses. `tail` ends it, for what a key may hold. */
  next(tail = ""): string {
    const key = `${this.prefix}${this.#issued.length}:${tail}`;
    this.#issued.push(key);
    return key;
  }

  /** Removes what the run has left behind; a provider that refuses keeps it. */
  async removeAll(cache: CacheUnderTest): Promise<void> {
    while (this.#issued.length > 0) {
      await cache.deleteMany(this.#issued.splice(0, DELETE_BATCH));
    }
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
