import fc from "fast-check";
import { expect, test } from "vitest";
import { BlockArena, NO_BLOCK } from "../../src/memory/block-arena.js";
import { ExpiryQueue } from "../../src/memory/expiry-queue.js";

test("the queue agrees with a sorted list under any sequence of changes", () => {
  const step = fc.record({
    which: fc.nat({ max: 30 }),
    deadline: fc.oneof(fc.nat({ max: 50 }), fc.constant(Infinity)),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 150 }), (steps) => {
      const arena = new BlockArena();
      const queue = new ExpiryQueue(arena);
      const entries = Array.from({ length: 31 }, () => arena.allocate(1));
      for (const entry of entries) queue.add(entry);
      const deadlines = new Map<number, number>();
      for (const { which, deadline } of steps) {
        const entry = entries[which] as number;
        queue.setDeadline(entry, deadline);
        if (deadline === Infinity) deadlines.delete(entry);
        else deadlines.set(entry, deadline);
        expect(queue.size).toBe(deadlines.size);
        expect(queue.nextDeadline).toBe(Math.min(Infinity, ...deadlines.values()));
        for (const each of entries) {
          expect(queue.deadlineOf(each)).toBe(deadlines.get(each) ?? Infinity);
        }
      }
      const drained: number[] = [];
      while (queue.first !== NO_BLOCK) {
        drained.push(queue.nextDeadline);
        queue.remove(queue.first);
      }
      expect(drained).toEqual([...deadlines.values()].sort((a, b) => a - b));
    }),
    { numRuns: 500 },
  );
});
