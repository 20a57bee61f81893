import { Cache } from "../../src/rpc/gen/gestalt/provider/v1/cache_pb.js";
import { createKey, createValue } from "../figures/random.js";
import { connectGrpc } from "./grpc-connection.js";
import { createUnaryCall, makeCheckedCall, type UnaryCall } from "./unary-call.js";

/** A call to be timed, with calls before and after it. */
export interface CacheCase {
  readonly title: string;
  /** Entries read or written by one call. */
  readonly keysPerCall: number;
  /** Bytes of values read or written by one call. */
  readonly valueBytesPerCall: number;
  /** The call before, which writes what the timed call reads. */
  readonly before: readonly UnaryCall[];
  readonly timed: UnaryCall;
  /** The call after the timed call, which checks its effect. */
  readonly after: readonly UnaryCall[];
}

/** Reads one value. */
export function createGetCase(title: string, valueBytes: number): CacheCase {
  const { set, get } = callsForOne(valueBytes);
  return caseOf(title, 1, valueBytes, { before: [set], timed: get, after: [] });
}

/** Writes one value, without a TTL. */
export function createSetCase(title: string, valueBytes: number): CacheCase {
  const { set, get } = callsForOne(valueBytes);
  return caseOf(title, 1, valueBytes, { before: [], timed: set, after: [get] });
}

/** Reads many values with one call. */
export function createGetManyCase(title: string, keys: number, valueBytes: number): CacheCase {
  const { setMany, getMany } = callsForMany(keys, valueBytes);
  return caseOf(title, keys, valueBytes, { before: [setMany], timed: getMany, after: [] });
}

/** Writes many values with one call. */
export function createSetManyCase(title: string, keys: number, valueBytes: number): CacheCase {
  const { setMany, getMany } = callsForMany(keys, valueBytes);
  return caseOf(title, keys, valueBytes, { before: [], timed: setMany, after: [getMany] });
}

/**
 * Makes the calls of a case once, in order, and checks every reply: figures of a contestant
 * with wrong replies would be meaningless.
 *
 * @returns the length in bytes of the timed call's reply
 */
export async function verifyCase(socketPath: string, cacheCase: CacheCase): Promise<number> {
  const connection = connectGrpc(socketPath);
  try {
    for (const call of cacheCase.before) await makeCheckedCall(connection, call);
    const replyBytes = await makeCheckedCall(connection, cacheCase.timed);
    for (const call of cacheCase.after) await makeCheckedCall(connection, call);
    return replyBytes;
  } finally {
    connection.close();
  }
}

function caseOf(
  title: string,
  keysPerCall: number,
  valueBytes: number,
  calls: Pick<CacheCase, "before" | "timed" | "after">,
): CacheCase {
  return { title, keysPerCall, valueBytesPerCall: keysPerCall * valueBytes, ...calls };
}

function callsForOne(valueBytes: number): { set: UnaryCall; get: UnaryCall } {
  const key = createKey(0);
  const value = createValue(valueBytes);
  return {
    set: createUnaryCall(Cache.method.set, { key, value }, {}),
    get: createUnaryCall(Cache.method.get, { key }, { found: true, value }),
  };
}

function callsForMany(
  keys: number,
  valueBytes: number,
): { setMany: UnaryCall; getMany: UnaryCall } {
  const entries = Array.from({ length: keys }, (_, index) => ({
    key: createKey(index),
    value: createValue(valueBytes, index),
  }));
  return {
    setMany: createUnaryCall(Cache.method.setMany, { entries }, {}),
    getMany: createUnaryCall(
      Cache.method.getMany,
      { keys: entries.map(({ key }) => key) },
      { entries: entries.map((entry) => ({ ...entry, found: true })) },
    ),
  };
}
