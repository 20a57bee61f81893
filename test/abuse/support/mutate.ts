import type { Random } from "./random.js";

/** Lengths and numbers at the edges of what a varint or a length can say. */
const EDGES: readonly Buffer[] = [
  "00",
  "01",
  "7f",
  "80",
  "8000",
  "ff01",
  "ffffffff07",
  "ffffffff0f",
  "ffffffffffffffffff01",
  "ffffffffffffffffffff",
].map((hex) => Buffer.from(hex, "hex"));

/** A few random changes to the bytes: the usual ways in which input goes wrong. */
export function mutate(bytes: Buffer, random: Random): Buffer {
  let mutated = bytes;
  for (let changes = 1 + random.below(4); changes > 0; changes--)
    mutated = mutateOnce(mutated, random);
  return mutated;
}

function mutateOnce(bytes: Buffer, random: Random): Buffer {
  const at = random.below(bytes.length + 1);
  const end = at + random.below(bytes.length - at + 1);
  const splice = (...middle: readonly Uint8Array[]): Buffer =>
    Buffer.concat([bytes.subarray(0, at), ...middle, bytes.subarray(end)]);
  switch (random.below(8)) {
    case 0:
      return bytes.subarray(0, at);
    case 1:
      return splice();
    case 2:
      return splice(bytes.subarray(at, end), bytes.subarray(at, end));
    case 3:
      return splice(random.bytes(random.below(20)));
    case 4:
      return splice(random.pick(EDGES));
    case 5:
      return splice(random.pick(EDGES), bytes.subarray(at, end));
    default:
      return flipBits(bytes, random);
  }
}

function flipBits(bytes: Buffer, random: Random): Buffer {
  const flipped = Buffer.from(bytes);
  for (let flips = random.below(4); flips >= 0 && bytes.length > 0; flips--) {
    const at = random.below(bytes.length);
    flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << random.below(8)), at);
  }
  return flipped;
}
