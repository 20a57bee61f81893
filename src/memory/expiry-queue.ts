import { NO_BLOCK, type BlockArena } from "./block-arena.js";
import { createFloat64Array, createInt32Array } from "./chunked-array.js";
import { HEADER } from "./entry-layout.js";

/** The queue position of an entry that never expires. */
const NOT_QUEUED = -1;

/** Children a node has: four deadlines share a cache line, and the tree is half as deep. */
const ARITY = 4;

/**
 * The entries that have a TTL, the next to expire first: a heap over deadlines,
 * where every entry knows its position. An entry stands in it once, however
 * often it is touched, and there is no timer an entry, so TTLs of any length
 * are alike.
 */
export class ExpiryQueue {
  readonly #arena: BlockArena;
  readonly #deadlines = createFloat64Array();
  readonly #entries = createInt32Array();

  constructor(arena: BlockArena) {
    this.#arena = arena;
  }

  /** How many entries have a deadline. */
  get size(): number {
    return this.#entries.length;
  }

  /** The earliest deadline; Infinity when nothing will expire. */
  get nextDeadline(): number {
    return this.#deadlines.length === 0 ? Infinity : this.#deadlines.get(0);
  }

  /** The entry that expires first; NO_BLOCK when nothing will expire. */
  get first(): number {
    return this.#entries.length === 0 ? NO_BLOCK : this.#entries.get(0);
  }

  /** Prepares the header of a new entry. */
  add(entry: number): void {
    this.#arena.setWord(entry, HEADER.queuePosition, NOT_QUEUED);
  }

  /** When an entry expires, as a reading of the clock; Infinity for never. */
  deadlineOf(entry: number): number {
    const position = this.#arena.word(entry, HEADER.queuePosition);
    return position === NOT_QUEUED ? Infinity : this.#deadlines.get(position);
  }

  /** Gives an entry a deadline, or with Infinity takes it away. */
  setDeadline(entry: number, deadline: number): void {
    if (deadline === Infinity) {
      this.remove(entry);
      return;
    }
    let position = this.#arena.word(entry, HEADER.queuePosition);
    if (position === NOT_QUEUED) {
      position = this.#entries.length;
      this.#entries.push(entry);
      this.#deadlines.push(deadline);
    }
    this.#settle(position, entry, deadline);
  }

  /** Forgets an entry's deadline, if it has one. */
  remove(entry: number): void {
    const position = this.#arena.word(entry, HEADER.queuePosition);
    if (position === NOT_QUEUED) return;
    this.#arena.setWord(entry, HEADER.queuePosition, NOT_QUEUED);
    const last = this.#entries.pop();
    const lastDeadline = this.#deadlines.pop();
    if (last !== entry) this.#settle(position, last, lastDeadline);
  }

  /** Puts an entry where it belongs, starting at a position that is free. */
  #settle(position: number, entry: number, deadline: number): void {
    const deadlines = this.#deadlines;
    while (position > 0) {
      const parent = Math.floor((position - 1) / ARITY);
      const parentDeadline = deadlines.get(parent);
      if (parentDeadline <= deadline) break;
      this.#place(position, this.#entries.get(parent), parentDeadline);
      position = parent;
    }
    const { length } = deadlines;
    for (;;) {
      const firstChild = position * ARITY + 1;
      if (firstChild >= length) break;
      const end = Math.min(firstChild + ARITY, length);
      let smallest = firstChild;
      let smallestDeadline = deadlines.get(firstChild);
      for (let child = firstChild + 1; child < end; child++) {
        const childDeadline = deadlines.get(child);
        if (childDeadline < smallestDeadline) {
          smallest = child;
          smallestDeadline = childDeadline;
        }
      }
      if (smallestDeadline >= deadline) break;
      this.#place(position, this.#entries.get(smallest), smallestDeadline);
      position = smallest;
    }
    this.#place(position, entry, deadline);
  }

  #place(position: number, entry: number, deadline: number): void {
    this.#entries.set(position, entry);
    this.#deadlines.set(position, deadline);
    this.#arena.setWord(entry, HEADER.queuePosition, position);
  }
}
