import fc from "fast-check";
import { expect, test } from "vitest";
import { BlockArena, NO_BLOCK } from "../../../src/memory/blocks/block-arena.js";
import { blocksForEntry, HEADER, KEY_OFFSET } from "../../../src/memory/blocks/entry-layout.js";
import { createKeyHash, type KeyHash } from "../../../src/memory/blocks/key-hash.js";
import { KeyIndex } from "../../../src/memory/blocks/key-index.js";

class IndexedKeys {
  readonly arena = new BlockArena();
  readonly index = new KeyIndex(this.arena);

  constructor(readonly hash: KeyHash) {}

  find(key: string): number {
    const bytes = Buffer.from(key);
    return this.index.find(this.hash(bytes, bytes.length), bytes, bytes.length);
  }

  insert(key: string): number {
    const bytes = Buffer.from(key);
    const entry = this.arena.allocate(blocksForEntry(bytes.length, 0));
    this.arena.setWord(entry, HEADER.hash, this.hash(bytes, bytes.length));
    this.arena.setWord(entry, HEADER.keyBytes, bytes.length);
    this.arena.write(entry, KEY_OFFSET, bytes, bytes.length);
    this.index.insert(entry);
    return entry;
  }

  remove(entry: number): void {
    this.index.remove(entry);
    this.arena.release(entry);
  }
}

const hashes: [string, KeyHash][] = [
  ["the keyed hash", createKeyHash()],
  ["a hash that puts every key into one bucket", () => 7],
  ["a hash of four values", (bytes, length) => length & 3],
];

test.each(hashes)("the key index agrees with a Map: %s", (_name, hash) => {
  const step = fc.record({ key: fc.string({ maxLength: 3 }), insert: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const keys = new IndexedKeys(hash);
      const expected = new Map<string, number>();
      for (const { key, insert } of steps) {
        expect(keys.find(key)).toBe(expected.get(key) ?? NO_BLOCK);
        const entry = expected.get(key);
        if (insert && entry === undefined) expected.set(key, keys.insert(key));
        if (!insert && entry !== undefined) {
          keys.remove(entry);
          expected.delete(key);
        }
        expect(keys.index.size).toBe(expected.size);
      }
      for (const [key, entry] of expected) expect(keys.find(key)).toBe(entry);
    }),
    { numRuns: 300 },
  );
});

test("the key index finds each of 100,000 keys while it is present", () => {
  const keys = new IndexedKeys(createKeyHash());
  const entries = Array.from({ length: 100_000 }, (_, i) => keys.insert(`key ${i}`));
  entries.forEach((entry, i) => {
    if (keys.find(`key ${i}`) !== entry) expect.fail(`key ${i} was lost while growing`);
  });
  entries.forEach((entry, i) => {
    keys.remove(entry);
    if (keys.find(`key ${i}`) !== NO_BLOCK) expect.fail(`key ${i} is still there`);
    const other = i + 1 + ((i * 7919) % (entries.length - i));
    if (other < entries.length && keys.find(`key ${other}`) !== entries[other]) {
      expect.fail(`key ${other} was lost while shrinking`);
    }
  });
  expect(keys.index.size).toBe(0);
});
