import { NO_BLOCK, type BlockArena } from "./block-arena.js";
import { HEADER } from "./entry-layout.js";

/** A list of the entries in order of their last use, linked through their headers. */
export class RecencyList {
  readonly #arena: BlockArena;
  #newest = NO_BLOCK;
  #oldest = NO_BLOCK;

  constructor(arena: BlockArena) {
    this.#arena = arena;
  }

  /** The least recently used entry; NO_BLOCK when the list is empty. */
  get oldest(): number {
    return this.#oldest;
  }

  /** The most recently used entry; NO_BLOCK when there is none. */
  get newest(): number {
    return this.#newest;
  }

  /** The entry used just before this one; NO_BLOCK for the oldest. */
  olderThan(entry: number): number {
    return this.#arena.word(entry, HEADER.older);
  }

  /** The entry used just after this one; NO_BLOCK for the newest. */
  newerThan(entry: number): number {
    return this.#arena.word(entry, HEADER.newer);
  }

  /** Adds an entry as the newest. */
  add(entry: number): void {
    const arena = this.#arena;
    arena.setWord(entry, HEADER.newer, NO_BLOCK);
    arena.setWord(entry, HEADER.older, this.#newest);
    if (this.#newest === NO_BLOCK) this.#oldest = entry;
    else arena.setWord(this.#newest, HEADER.newer, entry);
    this.#newest = entry;
  }

  remove(entry: number): void {
    const arena = this.#arena;
    const newer = arena.word(entry, HEADER.newer);
    const older = arena.word(entry, HEADER.older);
    if (newer === NO_BLOCK) this.#newest = older;
    else arena.setWord(newer, HEADER.older, older);
    if (older === NO_BLOCK) this.#oldest = newer;
    else arena.setWord(older, HEADER.newer, newer);
  }

  /** Makes an entry the newest. */
  use(entry: number): void {
    if (entry === this.#newest) return;
    this.remove(entry);
    this.add(entry);
  }
}
