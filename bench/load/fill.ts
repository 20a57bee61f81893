import { fromBinary } from "@bufbuild/protobuf";
import {
  Cache,
  CacheGetManyResponseSchema,
} from "../../src/rpc/gen/gestalt/provider/v1/cache_pb.js";
import { createKey, createValue } from "../figures/random.js";
import type { GrpcConnection } from "./grpc-connection.js";

import { methodPath } from "../../src/conformance/grpc/grpc-request.js";
import { encodeRequest, bodyMessage } from "./unary-call.js";

const { set, setMany, getMany } = Cache.method;

/** The most keys in one call. */
const MAX_KEYS_PER_CALL = 1_000;

/** The most bytes of values in one call; a reply may have 4 MiB. */
const MAX_BYTES_PER_WRITE = 2 ** 21;
const MAX_BYTES_PER_READ = 3 * 2 ** 20;

/** The number of calls in flight. */
const LANES = 4;

/** Entries `createKey(0)` to `createKey(entries - 1)`, all with values of one size. */
export interface Filling {
  readonly entries: number;
  readonly valueBytes: number;
}

/** Writes the entries in batches over gRPC, in about the order of their numbers. */
export async function fill(
  connection: GrpcConnection,
  { entries, valueBytes }: Filling,
  onProgress: (written: number) => void = () => {},
): Promise<void> {
  const value = createValue(valueBytes);
  const path = methodPath(setMany);
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < entries) {
      const batch = keysFrom(
        next,
        Math.min(entries, next + keysPerCall(valueBytes, MAX_BYTES_PER_WRITE)),
      );
      next += batch.length;
      const request = { entries: batch.map((key) => ({ key, value })) };
      await connection.call(path, encodeRequest(setMany, request));
      onProgress(next);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

/** Writes the entries one by one over gRPC. */
export async function setOneByOne(
  connection: GrpcConnection,
  { entries, valueBytes }: Filling,
): Promise<void> {
  const value = createValue(valueBytes);
  const path = methodPath(set);
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < entries) {
      await connection.call(path, encodeRequest(set, { key: createKey(next++), value }));
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

/**
 * Counts the stored entries by reading them from the last one
 * backwards, until all keys of a call are misses.
 */
export async function countHeld(
  connection: GrpcConnection,
  { entries, valueBytes }: Filling,
): Promise<number> {
  const path = methodPath(getMany);
  let held = 0;
  let end = entries;
  while (end > 0) {
    const keys = keysFrom(Math.max(0, end - keysPerCall(valueBytes, MAX_BYTES_PER_READ)), end);
    end -= keys.length;
    const reply = await connection.call(path, encodeRequest(getMany, { keys }));
    const { entries: results } = fromBinary(CacheGetManyResponseSchema, bodyMessage(reply));
    const found = results.filter((result) => result.found && result.value.length === valueBytes);
    held += found.length;
    if (found.length === 0) break;
  }
  return held;
}

function keysPerCall(valueBytes: number, maxBytes: number): number {
  return Math.max(1, Math.min(MAX_KEYS_PER_CALL, Math.floor(maxBytes / valueBytes)));
}

function keysFrom(first: number, end: number): string[] {
  return Array.from({ length: end - first }, (_, index) => createKey(first + index));
}
