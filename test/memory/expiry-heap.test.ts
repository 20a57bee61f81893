import fc from "fast-check";
import { expect, test } from "vitest";
import { ChunkedArray } from "../../src/memory/chunked-array.js";
import { ExpiryHeap, NOT_IN_HEAP } from "../../src/memory/expiry-heap.js";

test("the expiry heap agrees with a sorted list after any sequence of changes", () => {
  const step = fc.record({
    which: fc.nat({ max: 30 }),
    deadline: fc.oneof(fc.nat({ max: 50 }), fc.constant(Infinity)),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 150 }), (steps) => {
      const items = Array.from({ length: 31 }, () => ({ position: NOT_IN_HEAP }));
      type Item = (typeof items)[number];
      const heap = new ExpiryHeap<Item>(new ChunkedArray((length) => new Array<Item>(length)), {
        get: (item) => item.position,
        set: (item, position) => (item.position = position),
      });
      const deadlines = new Map<Item, number>();
      for (const { which, deadline } of steps) {
        const item = items[which] as Item;
        heap.setDeadline(item, deadline);
        if (deadline === Infinity) deadlines.delete(item);
        else deadlines.set(item, deadline);
        expect(heap.size).toBe(deadlines.size);
        expect(heap.nextDeadline).toBe(Math.min(Infinity, ...deadlines.values()));
        for (const each of items) {
          expect(heap.deadlineOf(each)).toBe(deadlines.get(each) ?? Infinity);
        }
      }
      const drained: number[] = [];
      for (let { first } = heap; first !== undefined; { first } = heap) {
        drained.push(heap.nextDeadline);
        heap.remove(first);
      }
      expect(drained).toEqual([...deadlines.values()].sort((a, b) => a - b));
    }),
    { numRuns: 500 },
  );
});
