import fc from "fast-check";
import { expect, test } from "vitest";
import { BLOCK_BYTES, BlockArena } from "../../../src/memory/blocks/block-arena.js";

const SEGMENT_BLOCKS = 4096;

interface Chain {
  readonly id: number;
  blocks: number;
  bytes: Uint8Array;
}

function contentOf(seed: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (seed * 31 + i * 7) & 0xff);
}

function assertHolds(arena: BlockArena, chain: Chain): void {
  const read = new Uint8Array(chain.bytes.length);
  arena.read(chain.id, 0, read);
  expect(Buffer.compare(read, chain.bytes)).toBe(0);
}

test("a chain keeps its bytes while other chains are allocated, resized and released", () => {
  const blocks = fc.oneof(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6000 }));
  const step = fc.record({ what: fc.nat({ max: 3 }), which: fc.nat(), blocks });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const arena = new BlockArena();
      const chains: Chain[] = [];
      steps.forEach(({ what, which, blocks: count }, index) => {
        const chain = chains[which % (chains.length || 1)];
        if (what <= 1 || chain === undefined) {
          const bytes = contentOf(index, count * BLOCK_BYTES);
          const id = arena.allocate(count);
          arena.write(id, 0, bytes, bytes.length);
          chains.push({ id, blocks: count, bytes });
        } else if (what === 2) {
          arena.release(chain.id);
          chains.splice(chains.indexOf(chain), 1);
        } else {
          arena.resize(chain.id, chain.blocks, count);
          const kept = chain.bytes.subarray(0, Math.min(chain.blocks, count) * BLOCK_BYTES);
          const added = contentOf(index, count * BLOCK_BYTES - kept.length);
          arena.write(chain.id, kept.length, added, added.length);
          chain.bytes = Buffer.concat([kept, added]);
          chain.blocks = count;
        }
        const used = chains.reduce((sum, each) => sum + each.blocks, 0);
        expect(arena.usedBlocks).toBe(used);
      });
      for (const chain of chains) assertHolds(arena, chain);
      for (const chain of chains) arena.release(chain.id);
      expect(arena.usedBlocks).toBe(0);
    }),
    { numRuns: 150 },
  );
});

test("read, write and equals work at any offset of a fragmented chain", () => {
  const arena = new BlockArena();
  // Every second chain is freed, so that the chain under test is not contiguous.
  const others = Array.from({ length: 40 }, () => arena.allocate(1));
  for (let i = 0; i < others.length; i += 2) arena.release(others[i] as number);
  const length = 30 * BLOCK_BYTES;
  const chain = arena.allocate(30);
  const mirror = new Uint8Array(length);
  for (let offset = 0; offset < length; offset += 37) {
    for (const size of [0, 1, 47, 48, 49, 200]) {
      const bytes = contentOf(offset + size, Math.min(size, length - offset));
      arena.write(chain, offset, bytes, bytes.length);
      mirror.set(bytes, offset);
      const read = new Uint8Array(bytes.length);
      arena.read(chain, offset, read);
      expect(read).toEqual(bytes);
      expect(arena.equals(chain, offset, bytes, bytes.length)).toBe(true);
      if (bytes.length > 0) {
        bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1;
        expect(arena.equals(chain, offset, bytes, bytes.length)).toBe(false);
      }
    }
  }
  const whole = new Uint8Array(length);
  arena.read(chain, 0, whole);
  expect(whole).toEqual(mirror);
});

test("released chains release their segments, except a few spare ones", () => {
  const arena = new BlockArena();
  const chains = Array.from({ length: 40 }, () => arena.allocate(SEGMENT_BLOCKS));
  const full = arena.allocatedBytes;
  for (const chain of chains) arena.release(chain);
  expect(arena.allocatedBytes).toBeLessThanOrEqual(full / 10);
  const again = Array.from({ length: 40 }, () => arena.allocate(SEGMENT_BLOCKS));
  expect(arena.allocatedBytes).toBe(full);
  expect(new Set(again).size).toBe(40);
});

test("the arena never allocates more blocks than the peak of its chains", () => {
  const arena = new BlockArena();
  const small = Array.from({ length: 10 * SEGMENT_BLOCKS }, () => arena.allocate(1));
  const peak = arena.allocatedBytes;
  for (let i = 0; i < small.length; i += 2) arena.release(small[i] as number);
  for (let i = 0; i < 5; i++) arena.allocate(SEGMENT_BLOCKS);
  expect(arena.allocatedBytes).toBe(peak);
});
