import { create, toBinary, type DescMethodUnary } from "@bufbuild/protobuf";
import { Cache } from "../../../src/rpc/gen/gestalt/provider/v1/cache_pb.js";
import { mutate } from "./mutate.js";
import type { Random } from "./random.js";
import { soundnessOf, type MessageShape } from "./wire-check.js";

/** A request's bytes, perhaps broken. */
export interface RequestBody {
  readonly method: string;
  readonly bytes: Buffer;
}

const METHODS: readonly DescMethodUnary[] = Object.values(Cache.method);

const OK = "0";
const INVALID_ARGUMENT = "3";

/** Requests that are in order, or were before something happened to them. */
export function requestBody(random: Random): RequestBody {
  const method = random.pick(METHODS);
  const sound = Buffer.from(toBinary(method.input, create(method.input, soundRequest(random))));
  const kind = random.below(10);
  if (kind === 0) return { method: method.name, bytes: sound };
  if (kind === 1) return { method: method.name, bytes: random.bytes(random.below(60)) };
  return { method: method.name, bytes: mutate(sound, random) };
}

const KEYS = ["", "a", "key", "ключ", "\0", "__proto__", "k".repeat(300)];

/** Fields of all requests at once; each takes those that it knows. */
function soundRequest(random: Random): Record<string, unknown> {
  const value = (): Buffer => random.bytes(random.pick([0, 1, 10, 200]));
  const count = random.pick([0, 1, 2, 5]);
  return {
    key: random.pick(KEYS),
    value: value(),
    keys: Array.from({ length: count }, () => random.pick(KEYS)),
    entries: Array.from({ length: count }, () => ({ key: random.pick(KEYS), value: value() })),
    ...(random.below(2) === 0 ? {} : { ttl: duration(random) }),
  };
}

function duration(random: Random): { seconds: bigint; nanos: number } {
  const seconds = random.pick([0n, 1n, 60n, -1n, 315_576_000_000n, 315_576_000_001n, -(2n ** 63n)]);
  return { seconds, nanos: random.pick([0, 1, -1, 999_999_999, 1_000_000_000, -(2 ** 31)]) };
}

const DURATION: MessageShape = { 1: "varint", 2: "varint" };
const ENTRY: MessageShape = { 1: "string", 2: "bytes" };

/** The requests' fields. */
const SHAPES: Readonly<Record<string, MessageShape>> = {
  Get: { 1: "string" },
  GetMany: { 1: "string" },
  Set: { 1: "string", 2: "bytes", 3: DURATION },
  SetMany: { 1: ENTRY, 2: DURATION },
  Delete: { 1: "string" },
  DeleteMany: { 1: "string" },
  Touch: { 1: "string", 2: DURATION },
};

/** The statuses that a request may be answered with. */
export function expectedStatuses({ method, bytes }: RequestBody): readonly string[] {
  let seconds = 0n;
  let nanos = 0n;
  const soundness = soundnessOf(bytes, SHAPES[method] ?? {}, (shape, fieldNumber, value) => {
    if (shape !== DURATION) return;
    // The last one counts, within a TTL as well as among several.
    if (fieldNumber === 1) seconds = BigInt.asIntN(64, value);
    else nanos = BigInt.asIntN(32, value);
  });
  if (soundness === "doubtful") return [OK, INVALID_ARGUMENT];
  return soundness === "sound" && isAllowedTtl(seconds, nanos) ? [OK] : [INVALID_ARGUMENT];
}

function isAllowedTtl(seconds: bigint, nanos: bigint): boolean {
  if (seconds < 0n || nanos < 0n) return false;
  return seconds <= 315_576_000_000n && nanos <= 999_999_999n;
}
