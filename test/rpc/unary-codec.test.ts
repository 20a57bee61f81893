import { create, fromBinary, toBinary, type DescMethodUnary } from "@bufbuild/protobuf";
import type { DescMessage, MessageInitShape } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MAX_BATCH_ENTRIES, MAX_GET_MANY_KEYS } from "../../src/rpc/batch-limits.js";
import { Cache } from "../../src/rpc/gen/gestalt/provider/v1/cache_pb.js";
import { ProviderLifecycle } from "../../src/rpc/gen/gestalt/provider/v1/lifecycle_pb.js";
import { createUnaryCodec } from "../../src/rpc/unary-codec.js";

const HEADROOM = 5;

// But for a byte order mark at the beginning of a string, which protobuf-es leaves out.
const key = fc.oneof(
  fc.string({ unit: "binary", maxLength: 80 }).filter((text) => !text.startsWith("\uFEFF")),
  fc.constantFrom(
    "",
    "k\uFEFF",
    "\0",
    "é".repeat(40),
    "k".repeat(63),
    "k".repeat(64),
    "k".repeat(65),
  ),
);
const value = fc.uint8Array({ maxLength: 300 });
const ttl = fc.option(
  fc.record({
    seconds: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    nanos: fc.integer(),
  }),
  { nil: undefined },
);

/** What each method takes and answers. */
const REQUESTS: Record<string, fc.Arbitrary<object>> = {
  get: fc.record({ key }),
  delete: fc.record({ key }),
  getMany: fc.record({ keys: fc.array(key) }),
  deleteMany: fc.record({ keys: fc.array(key) }),
  set: fc.record({ key, value, ttl }),
  setMany: fc.record({ entries: fc.array(fc.record({ key, value })), ttl }),
  touch: fc.record({ key, ttl }),
};

const found = fc.oneof(
  fc.record({ found: fc.constant(true), value }),
  fc.constant({ found: false }),
);

const REPLIES: Record<string, fc.Arbitrary<object>> = {
  get: found,
  getMany: fc.record({
    entries: fc.array(fc.tuple(key, found).map(([k, rest]) => ({ key: k, ...rest }))),
  }),
  set: fc.constant({}),
  setMany: fc.constant({}),
  delete: fc.record({ deleted: fc.boolean() }),
  deleteMany: fc.record({ deleted: fc.bigInt({ min: 0n, max: 2n ** 53n - 1n }) }),
  touch: fc.record({ touched: fc.boolean() }),
};

/** The fields of a message, without protobuf-es's own marks and with plain bytes. */
function fieldsOf(message: object): unknown {
  return JSON.parse(
    JSON.stringify(message, (name, field: unknown) => {
      if (name === "$typeName" || name === "$unknown") return undefined;
      if (field instanceof Uint8Array) return Buffer.from(field).toString("hex");
      if (typeof field === "bigint") return field.toString();
      if (typeof field === "object" && field !== null && "type" in field && "data" in field) {
        return Buffer.from(field.data as number[]).toString("hex");
      }
      return field;
    }),
  );
}

function varint(number: number): Buffer {
  const bytes = [];
  let rest = number;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest & 127) | 128);
  return Buffer.from([...bytes, rest]);
}

/** A field that no message here knows, of any wire type. */
const unknownField = fc.letrec<{ field: Buffer; group: Buffer }>((tie) => ({
  field: fc.oneof(
    { depthSize: "small" },
    fc
      .tuple(fc.integer({ min: 4, max: 2 ** 29 - 1 }), fc.nat())
      .map(([no, number]) => Buffer.concat([varint(no * 8), varint(number)])),
    fc
      .integer({ min: 4, max: 1_000 })
      .map((no) => Buffer.concat([varint(no * 8 + 1), Buffer.alloc(8, 255)])),
    fc
      .integer({ min: 4, max: 1_000 })
      .map((no) => Buffer.concat([varint(no * 8 + 5), Buffer.alloc(4, 255)])),
    fc
      .tuple(fc.integer({ min: 4, max: 1_000 }), fc.uint8Array({ maxLength: 20 }))
      .map(([no, bytes]) => Buffer.concat([varint(no * 8 + 2), varint(bytes.length), bytes])),
    tie("group"),
  ),
  group: fc
    .tuple(fc.integer({ min: 4, max: 1_000 }), fc.array(tie("field"), { maxLength: 3 }))
    .map(([no, fields]) => Buffer.concat([varint(no * 8 + 3), ...fields, varint(no * 8 + 4)])),
})).field;

describe.each(Object.keys(REQUESTS))("%s", (name) => {
  const method = Cache.method[name as keyof typeof Cache.method] as DescMethodUnary;
  const codec = createUnaryCodec(method);
  const request = REQUESTS[name] as fc.Arbitrary<object>;

  /** Request bytes as somebody else might write them: parts merged, unknown fields between. */
  const requestBytes = fc
    .array(
      fc.oneof(
        request.map((init) => Buffer.from(encode(method.input, init))),
        unknownField,
      ),
      { maxLength: 4 },
    )
    .map((parts) => Buffer.concat(parts));

  test("decodes what protobuf-es decodes", () => {
    fc.assert(
      fc.property(requestBytes, (bytes) => {
        const expected = fieldsOf(fromBinary(method.input, bytes));
        expect(fieldsOf(codec.decodeRequest(bytes))).toEqual(expected);
      }),
    );
  });

  test("decodes any bytes or throws, and reads nothing beyond them", () => {
    const damaged = fc
      .tuple(requestBytes, fc.nat(), fc.nat(255), fc.nat(3))
      .map(([bytes, at, byte, cut]) => {
        const copy = Buffer.from(bytes.subarray(0, Math.max(0, bytes.length - cut)));
        if (copy.length > 0) copy[at % copy.length] = byte;
        return copy;
      });
    fc.assert(
      fc.property(
        fc.oneof(
          damaged,
          fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
        ),
        (bytes) => {
          const secret = Buffer.concat([bytes, Buffer.alloc(64, "S")]).subarray(0, bytes.length);
          let read: unknown;
          try {
            read = fieldsOf(codec.decodeRequest(secret));
          } catch (error) {
            expect(error).toBeInstanceOf(Error);
            return;
          }
          expect(JSON.stringify(read)).not.toContain("SSSS");
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test("encodes what protobuf-es encodes, after the headroom", () => {
    fc.assert(
      fc.property(REPLIES[name] as fc.Arbitrary<object>, (reply) => {
        const bytes = codec.encodeReply(reply, HEADROOM);
        expect(bytes.subarray(HEADROOM).equals(encode(method.output, reply))).toBe(true);
      }),
    );
  });
});

function encode(desc: DescMessage, init: object): Uint8Array {
  return toBinary(desc, create(desc, init as MessageInitShape<DescMessage>));
}

const get = createUnaryCodec(Cache.method.get);

test.each([
  ["a key with a byte order mark", "0a04efbbbf61", "\uFEFFa"],
  ["the last of two keys", "0a01610a0162", "b"],
  ["a tag that is longer than need be", "8a000161", "a"],
  ["the field with another wire type: unknown", "08050a0161", "a"],
  ["no field", "", ""],
])("the codec decodes %s", (_title, hex, expected) => {
  expect(get.decodeRequest(Buffer.from(hex, "hex"))).toEqual({ key: expected });
});

test.each([
  ["a length beyond the end", "0a05616161", "premature EOF"],
  ["a length of 4 GiB", "0affffffff0f", "premature EOF"],
  ["no length", "0a", "premature EOF"],
  ["half a varint", "0880", "premature EOF"],
  ["a varint of eleven bytes", `08${"80".repeat(10)}01`, "invalid varint"],
  ["field number 0", "0200", "invalid field number 0"],
  ["wire type 6", "0e", "skip wire type 6"],
  ["the end of a group that never began", "0c", "skip wire type 4"],
  ["a group that never ends", "23", "premature EOF"],
  ["a group that ends as another", "232c", "invalid end group"],
  ["groups nested too deep", "23".repeat(101) + "24".repeat(101), "maximum recursion depth"],
  ["half an UTF-8 character", "0a01c3", "not valid UTF-8"],
  ["an overlong UTF-8 character", "0a02c080", "not valid UTF-8"],
  ["half a surrogate pair", "0a03eda080", "not valid UTF-8"],
])("the codec refuses %s", (_title, hex, message) => {
  expect(() => get.decodeRequest(Buffer.from(hex, "hex"))).toThrow(message);
});

test("a field that exceeds its entry is refused", () => {
  const setMany = createUnaryCodec(Cache.method.setMany);
  expect(() => setMany.decodeRequest(Buffer.from("0a030a0561", "hex"))).toThrow("premature EOF");
});

test.each([
  ["getMany", MAX_GET_MANY_KEYS],
  ["deleteMany", MAX_BATCH_ENTRIES],
  ["setMany", MAX_BATCH_ENTRIES],
] as const)("a request of %s may have at most %d entries", (name, maxEntries) => {
  const codec = createUnaryCodec(Cache.method[name]);
  const empty = Buffer.from("0a00".repeat(maxEntries), "hex");
  expect(Object.values(codec.decodeRequest(empty))[0]).toHaveLength(maxEntries);
  expect(() => codec.decodeRequest(Buffer.concat([empty, empty.subarray(0, 2)]))).toThrow(
    expect.objectContaining({ code: 8 }),
  );
});

test("other methods are decoded by descriptor, with a small limit", () => {
  const codec = createUnaryCodec(ProviderLifecycle.method.configureProvider);
  const bytes = encode(ProviderLifecycle.method.configureProvider.input, { name: "x" });
  expect(codec.decodeRequest(Buffer.from(bytes))).toMatchObject({ name: "x" });
  expect(codec.maxRequestBytes).toBe(1_048_576);
  expect(codec.encodeReply({ protocolVersion: 3 }, 1).subarray(1)).toEqual(Buffer.from([8, 3]));
});
