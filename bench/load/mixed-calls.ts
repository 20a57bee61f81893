import { Cache } from "../../src/rpc/gen/gestalt/provider/v1/cache_pb.js";
import { createKey, createRandom, createValue } from "../figures/random.js";
import { methodPath } from "../../src/conformance/grpc/grpc-request.js";
import { encodeRequest } from "./unary-call.js";

/** A call ready to be sent. */
export interface PreparedCall {
  readonly path: string;
  readonly frame: Buffer;
}

const KEYS = 100_000;
const MAX_VALUE_BYTES = 2_000;
const MAX_TTL_MS = 2_000;
const BATCH_KEYS = 20;

const { get, set, getMany, setMany } = Cache.method;

/**
 * An endless series of calls of a busy cache: 75 % Get, 20 % Set, of which half
 * with a TTL below 2 s, and GetMany and SetMany of 20 for the rest. Keys are
 * spread evenly over 100,000, values over 0 to 2,000 B: 100 MB if all were held,
 * so that a smaller cache evicts with nearly every new key.
 */
export function createMixedCalls(seed: number): () => PreparedCall {
  const random = createRandom(seed);
  const bytes = createValue(MAX_VALUE_BYTES);
  const key = (): string => createKey(Math.floor(random() * KEYS));
  const value = (): Uint8Array => bytes.subarray(0, Math.floor(random() * bytes.length));
  const ttl = (): { seconds: bigint; nanos: number } => {
    const ms = 1 + Math.floor(random() * MAX_TTL_MS);
    return { seconds: BigInt(Math.floor(ms / 1000)), nanos: (ms % 1000) * 1e6 };
  };
  return () => {
    const kind = random();
    if (kind < 0.75) {
      return { path: methodPath(get), frame: encodeRequest(get, { key: key() }) };
    }
    if (kind < 0.95) {
      const entry = { key: key(), value: value() };
      const request = kind < 0.85 ? { ...entry, ttl: ttl() } : entry;
      return { path: methodPath(set), frame: encodeRequest(set, request) };
    }
    if (kind < 0.975) {
      const keys = Array.from({ length: BATCH_KEYS }, key);
      return { path: methodPath(getMany), frame: encodeRequest(getMany, { keys }) };
    }
    const entries = Array.from({ length: BATCH_KEYS }, () => ({ key: key(), value: value() }));
    return { path: methodPath(setMany), frame: encodeRequest(setMany, { entries, ttl: ttl() }) };
  };
}
