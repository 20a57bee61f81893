import { BLOCK_BYTES, type BlockArena } from "./block-arena.js";

/**
 * How many entries one call removes at most, so that none holds the event loop
 * for long; at well under a microsecond an entry this is about a millisecond.
 */
export const REMOVALS_PER_CALL = 4096;

/**
 * How many blocks one call allocates and fills at most; in a process that has not
 * done so before, that takes some ten milliseconds. Six MiB: more than any entry
 * has that is within the default limit.
 */
export const BLOCKS_PER_CALL = 131_072;

/** Copying more than this at once takes long as well. */
export const MAX_COPY_BYTES = BLOCKS_PER_CALL * BLOCK_BYTES;

const BLOCKS_PER_SLICE = BLOCKS_PER_CALL / 2;
const BYTES_PER_SLICE = BLOCKS_PER_SLICE * BLOCK_BYTES;

/**
 * Lengthens a chain of one block to `blocks` and copies `value` to `offset` in it;
 * yields after every slice.
 */
export function* fillInSlices(
  arena: BlockArena,
  chain: number,
  blocks: number,
  offset: number,
  value: Uint8Array,
): Generator<undefined, void> {
  for (let count = 1; count < blocks;) {
    const newCount = Math.min(blocks, count + BLOCKS_PER_SLICE);
    arena.resize(chain, count, newCount);
    count = newCount;
    yield;
  }
  for (let copied = 0; copied < value.length; copied += BYTES_PER_SLICE) {
    const slice = value.subarray(copied, copied + BYTES_PER_SLICE);
    arena.write(chain, offset + copied, slice, slice.length);
    yield;
  }
}
