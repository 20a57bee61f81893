import { create, fromBinary, toBinary, type DescMethodUnary } from "@bufbuild/protobuf";
import type { DescMessage, MessageInitShape } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MAX_BATCH_ENTRIES, MAX_GET_MANY_KEYS } from "../../src/rpc/batch-limits.js";
import { Cache } from "../../src/rpc/gen/gestalt/provider/v1/cache_pb.js";
import { Control } from "../../src/rpc/gen/gestalt_cache_memory/v1/control_pb.js";
import {
  ProviderKind,
  ProviderLifecycle,
} from "../../src/rpc/gen/gestalt/provider/v1/lifecycle_pb.js";
import { createUnaryCodec } from "../../src/rpc/route-methods.js";
import type { UnaryCodec } from "../../src/rpc/unary-method.js";

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

const int32 = fc.integer();

/** What a Struct holds. protobuf-es loses a property `__proto__`. */
const struct = fc.letrec<{ object: object; value: unknown }>((tie) => ({
  object: fc.dictionary(
    key.filter((name) => name !== "__proto__"),
    tie("value"),
    { maxKeys: 5 },
  ),
  value: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom(null, true, false),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    key,
    fc.array(tie("value"), { maxLength: 4 }),
    tie("object"),
  ),
})).object;

/** What each method takes and answers. */
const REQUESTS: Record<string, fc.Arbitrary<object>> = {
  get: fc.record({ key }),
  delete: fc.record({ key }),
  getMany: fc.record({ keys: fc.array(key) }),
  deleteMany: fc.record({ keys: fc.array(key) }),
  set: fc.record({ key, value, ttl }),
  setMany: fc.record({ entries: fc.array(fc.record({ key, value })), ttl }),
  touch: fc.record({ key, ttl }),
  getProviderIdentity: fc.constant({}),
  configureProvider: fc.record({
    name: key,
    config: fc.option(struct, { nil: undefined }),
    protocolVersion: fc.integer(),
  }),
  healthCheck: fc.constant({}),
  startProvider: fc.constant({}),
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
  getProviderIdentity: fc.record({
    kind: fc.constant(ProviderKind.CACHE),
    name: key,
    displayName: key,
    description: key,
    version: key,
    warnings: fc.array(key),
    minProtocolVersion: int32,
    maxProtocolVersion: int32,
  }),
  configureProvider: fc.record({ protocolVersion: int32 }),
  healthCheck: fc.record({ ready: fc.boolean(), message: key }),
  startProvider: fc.record({ protocolVersion: int32 }),
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
  const methods: Record<string, unknown> = { ...Cache.method, ...ProviderLifecycle.method };
  const method = methods[name] as DescMethodUnary;
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
        expect(encodeByHand(codec, reply).equals(encode(method.output, reply))).toBe(true);
      }),
    );
  });
});

/** The bytes of a reply without the headroom. */
function encodeByHand(codec: UnaryCodec, reply: object): Buffer {
  const encoded = codec.encodeReply(reply, HEADROOM);
  const bytes = Buffer.isBuffer(encoded) ? encoded : Buffer.concat([encoded.head, encoded.value]);
  return bytes.subarray(HEADROOM);
}

function encode(desc: DescMessage, init: object): Uint8Array {
  return toBinary(desc, create(desc, init as MessageInitShape<DescMessage>));
}

test.each([
  ["get", {}],
  ["getMany", {}],
  ["getMany", { entries: [{ found: true }, { key: "k" }] }],
  ["delete", {}],
  ["deleteMany", {}],
  ["deleteMany", { deleted: -1n }],
  ["touch", {}],
  ["getProviderIdentity", {}],
  ["getProviderIdentity", { kind: ProviderKind.S3, minProtocolVersion: -1 }],
  ["configureProvider", {}],
  ["configureProvider", { protocolVersion: -(2 ** 31) }],
  ["healthCheck", { ready: true }],
  ["healthCheck", { message: "m" }],
  ["startProvider", { protocolVersion: 0 }],
])("a reply of %s may leave fields out, and have any number: %o", (name, reply) => {
  const methods: Record<string, unknown> = { ...Cache.method, ...ProviderLifecycle.method };
  const method = methods[name] as DescMethodUnary;
  const bytes = encodeByHand(createUnaryCodec(method), reply);
  expect(bytes.equals(encode(method.output, reply))).toBe(true);
});

test.each([65_535, 65_536, 1_000_000])("a value of %i bytes is encoded without loss", (length) => {
  const reply = { found: true, value: Buffer.alloc(length, "v") };
  const bytes = encodeByHand(createUnaryCodec(Cache.method.get), reply);
  expect(bytes.equals(encode(Cache.method.get.output, reply))).toBe(true);
});

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
  ["a varint of eleven bytes in a group", `2328${"80".repeat(10)}0124`, "invalid varint"],
  ["a tag of 33 bits", "8a808080100161", "a tag has more than 32 bits"],
  ["a length of 33 bits", "0a808080801061", "a length has more than 32 bits"],
  [
    "a length of 33 bits of an unknown field",
    "2280808080100a0161",
    "a length has more than 32 bits",
  ],
  ["a tag of six bytes", "8a80808080000161", "a tag has more than 32 bits"],
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

const configure = createUnaryCodec(ProviderLifecycle.method.configureProvider);

/** A field of a message, or of text. */
function delimited(no: number, ...parts: readonly (Buffer | string)[]): Buffer {
  const content = Buffer.concat(parts.map((part) => Buffer.from(part)));
  return Buffer.concat([varint(no * 8 + 2), varint(content.length), content]);
}

const KEY = delimited(1, "a");
const TEXT = delimited(3, "x");
const TRUE = Buffer.from([0x20, 1]);
const valueOf = (...kinds: readonly Buffer[]): Buffer => delimited(2, ...kinds);
const objectOf = (...entry: readonly Buffer[]): Buffer => delimited(5, delimited(1, ...entry));
const listOf = (...kinds: readonly Buffer[]): Buffer => delimited(6, delimited(1, ...kinds));

test.each([
  ["a value without a kind", [KEY, valueOf()]],
  ["an entry without a value", [KEY]],
  ["an entry without a key", [valueOf(TRUE)]],
  ["an entry with two keys", [KEY, delimited(1, "b"), valueOf(TRUE)]],
  ["a value of two kinds", [KEY, valueOf(TEXT, TRUE)]],
  ["an object in two parts", [KEY, valueOf(objectOf(KEY), objectOf(valueOf(TEXT)))]],
  ["an object that a text interrupts", [KEY, valueOf(objectOf(KEY), TEXT, objectOf())]],
  ["a list in two parts", [KEY, valueOf(listOf(TRUE), listOf(TEXT))]],
  ["a list that becomes an object", [KEY, valueOf(listOf(TRUE), objectOf(KEY))]],
])("a configuration with %s is what protobuf-es reads", (_title, entry) => {
  const { input } = ProviderLifecycle.method.configureProvider;
  const bytes = delimited(2, delimited(1, ...entry));
  expect(fieldsOf(configure.decodeRequest(bytes))).toEqual(fieldsOf(fromBinary(input, bytes)));
});

test.each([
  [
    "an object and another",
    [valueOf(objectOf(KEY)), valueOf(objectOf(valueOf(TEXT)))],
    { a: null, "": "x" },
  ],
  ["a list and another", [valueOf(listOf(TRUE)), valueOf(listOf(TEXT))], [true, "x"]],
  ["an object and a text", [valueOf(objectOf(KEY)), valueOf(TEXT)], "x"],
  ["a text and a value without a kind", [valueOf(TEXT), valueOf()], "x"],
])("the two values of one entry are merged: %s", (_title, values, merged) => {
  const bytes = delimited(2, delimited(1, KEY, ...values));
  expect(configure.decodeRequest(bytes)).toMatchObject({ config: { a: merged } });
});

/** Field 15, as a number and as a group. */
const UNKNOWN = Buffer.from("78017b08017c", "hex");

test("unknown fields are skipped in every message of a configuration", () => {
  const value = valueOf(UNKNOWN, listOf(UNKNOWN, TRUE), UNKNOWN);
  const entry = delimited(1, UNKNOWN, KEY, UNKNOWN, value);
  expect(configure.decodeRequest(delimited(2, UNKNOWN, entry))).toMatchObject({
    config: { a: [true] },
  });
});

test("unknown fields are skipped in the entries and the TTL of a batch", () => {
  const entry = delimited(1, UNKNOWN, KEY, UNKNOWN);
  const ttl = delimited(2, UNKNOWN, Buffer.from("0801", "hex"));
  const setMany = createUnaryCodec(Cache.method.setMany);
  expect(setMany.decodeRequest(Buffer.concat([UNKNOWN, entry, ttl]))).toMatchObject({
    entries: [{ key: "a" }],
    ttl: { seconds: 1n, nanos: 0 },
  });
});

test("a property __proto__ of a configuration is a property like any other", () => {
  const bytes = delimited(2, delimited(1, delimited(1, "__proto__"), valueOf(objectOf(KEY))));
  const { config } = configure.decodeRequest(bytes) as { config: object };
  expect(Object.getOwnPropertyNames(config)).toEqual(["__proto__"]);
  expect(Object.getPrototypeOf(config)).toBe(Object.prototype);
});

test("a configuration may hold as many messages in each other as protobuf-es reads", () => {
  const { input } = ProviderLifecycle.method.configureProvider;
  const isRead = (decode: () => unknown): boolean => {
    try {
      decode();
      return true;
    } catch (error) {
      expect(String(error)).toMatch(/maximum recursion depth|nested more than 100 deep/);
      return false;
    }
  };
  const depths = Array.from({ length: 100 }, (_, index) => index);
  const answers = (decode: (bytes: Buffer) => unknown): boolean[] =>
    depths.map((depth) => {
      let inner: Buffer = TRUE;
      for (let level = 0; level < depth; level++) inner = listOf(inner);
      const bytes = delimited(2, delimited(1, KEY, valueOf(inner)));
      return isRead(() => decode(bytes));
    });
  const read = answers((bytes) => configure.decodeRequest(bytes));
  expect(read).toEqual(answers((bytes) => fromBinary(input, bytes)));
  expect(new Set(read)).toEqual(new Set([true, false]));
});

test("a configuration in a hundred thousand parts, each with another key, is read in time", () => {
  const parts = Array.from({ length: 95_000 }, (_, index) =>
    delimited(2, delimited(1, delimited(1, String(index)))),
  );
  const startMs = performance.now();
  const { config } = configure.decodeRequest(Buffer.concat(parts)) as { config: object };
  expect(performance.now() - startMs).toBeLessThan(5_000);
  expect(Object.keys(config)).toHaveLength(parts.length);
});

test("lifecycle requests have a small limit", () => {
  expect(configure.maxRequestBytes).toBe(1_048_576);
});

test("a message that is not written by hand is decoded and encoded by its descriptor", () => {
  const { input, output } = Control.method.advanceClock;
  const codec = createUnaryCodec(Control.method.advanceClock);
  const duration = { seconds: 90n, nanos: 0 };
  expect(codec.decodeRequest(Buffer.from(encode(input, { duration })))).toMatchObject({ duration });
  expect(encodeByHand(codec, {})).toEqual(Buffer.from(encode(output, {})));
  expect(codec.maxRequestBytes).toBe(1_048_576);
});
