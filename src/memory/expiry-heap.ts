import { createFloat64Array, type ChunkedArray } from "./chunked-array.js";

/** The position of an item without a deadline. */
export const NOT_IN_HEAP = -1;

/** Children per node. Four deadlines share half a cache line, and the tree is half as deep as with two. */
const ARITY = 4;

/** Reads and writes the position of an item in the heap; {@link NOT_IN_HEAP} without a deadline. */
export interface HeapPositions<T> {
  get(item: T): number;
  set(item: T, position: number): void;
}

/**
 * An indexed d-ary heap of the items with a deadline; the item that expires first is on top.
 *
 * Every item records its own position. So a new deadline moves the item instead of adding it
 * again, and a removal takes O(log n). Items have no timers, so TTLs of any length cost the same.
 */
export class ExpiryHeap<T> {
  readonly #items: ChunkedArray<T>;
  readonly #positions: HeapPositions<T>;
  readonly #deadlines = createFloat64Array();

  /** @param items - an empty array for the items of the heap */
  constructor(items: ChunkedArray<T>, positions: HeapPositions<T>) {
    this.#items = items;
    this.#positions = positions;
  }

  /** The number of items with a deadline. */
  get size(): number {
    return this.#items.length;
  }

  /** The earliest deadline; Infinity when the heap is empty. */
  get nextDeadline(): number {
    return this.#deadlines.length === 0 ? Infinity : this.#deadlines.get(0);
  }

  /** The item with the earliest deadline; undefined when the heap is empty. */
  get first(): T | undefined {
    return this.#items.length === 0 ? undefined : this.#items.get(0);
  }

  /** The deadline of an item, as a reading of the clock; Infinity when it has none. */
  deadlineOf(item: T): number {
    const position = this.#positions.get(item);
    return position === NOT_IN_HEAP ? Infinity : this.#deadlines.get(position);
  }

  /** Sets an item's deadline; Infinity removes it. */
  setDeadline(item: T, deadline: number): void {
    if (deadline === Infinity) {
      this.remove(item);
      return;
    }
    let position = this.#positions.get(item);
    if (position === NOT_IN_HEAP) {
      position = this.#items.length;
      this.#items.push(item);
      this.#deadlines.push(deadline);
    }
    this.#settle(position, item, deadline);
  }

  /** Removes an item. Does nothing for an item without a deadline. */
  remove(item: T): void {
    const position = this.#positions.get(item);
    if (position === NOT_IN_HEAP) return;
    this.#positions.set(item, NOT_IN_HEAP);
    const last = this.#items.pop();
    const lastDeadline = this.#deadlines.pop();
    if (last !== item) this.#settle(position, last, lastDeadline);
  }

  /** Puts an item at its position, up or down from `position`, which is free. */
  #settle(position: number, item: T, deadline: number): void {
    const deadlines = this.#deadlines;
    while (position > 0) {
      const parent = Math.floor((position - 1) / ARITY);
      const parentDeadline = deadlines.get(parent);
      if (parentDeadline <= deadline) break;
      this.#place(position, this.#items.get(parent), parentDeadline);
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
      this.#place(position, this.#items.get(smallest), smallestDeadline);
      position = smallest;
    }
    this.#place(position, item, deadline);
  }

  #place(position: number, item: T, deadline: number): void {
    this.#items.set(position, item);
    this.#deadlines.set(position, deadline);
    this.#positions.set(item, position);
  }
}
