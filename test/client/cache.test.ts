import { Code, ConnectError } from "@connectrpc/connect";
import { status } from "@grpc/grpc-js";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { Cache, type CacheOptions } from "../../src/client/cache.js";
import { formatGrpcTimeout } from "../../src/client/call-metadata.js";
import { tempSocketPath } from "../support/temp-directory.js";
import { startGrpcJsCacheServer, type Answer } from "./grpc-js-cache-server.js";

async function connected(
  options: CacheOptions & { answer?: (call: { method: string }) => Answer | undefined } = {},
) {
  const { answer, ...cacheOptions } = options;
  const path = tempSocketPath();
  const server = await startGrpcJsCacheServer(`unix://${path}`, answer ? { answer } : {});
  const cache = new Cache("", { target: path, ...cacheOptions });
  onTestFinished(() => cache.close());
  return { cache, server, path };
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("the seven operations against a grpc-js server", () => {
  test("get returns a copy of what set stored", async () => {
    const { cache } = await connected();
    const value = Uint8Array.from({ length: 256 }, (_, index) => index);
    await cache.set("key", value);
    const read = await cache.get("key");
    expect(read).toEqual(value);
    expect(read?.constructor).toBe(Uint8Array);
    expect(read?.buffer.byteLength).toBe(256);
  });

  test("a value may change after the call of set", async () => {
    const { cache, server } = await connected();
    const value = bytes("before");
    const done = cache.set("key", value);
    value.fill(0);
    await done;
    expect(server.values.get("key")?.toString()).toBe("before");
  });

  test("get returns undefined for a missing key, and an empty value as such", async () => {
    const { cache } = await connected();
    expect(await cache.get("missing")).toBeUndefined();
    await cache.set("", new Uint8Array());
    expect(await cache.get("")).toEqual(new Uint8Array());
  });

  test("getMany returns the present keys in a record without a prototype", async () => {
    const { cache } = await connected();
    await cache.setMany([
      { key: "a", value: bytes("1") },
      { key: "__proto__", value: bytes("2") },
      { key: "a", value: bytes("3") },
    ]);
    const found = await cache.getMany(["a", "__proto__", "constructor", "a"]);
    expect(Object.getPrototypeOf(found)).toBeNull();
    expect(Object.keys(found).sort()).toEqual(["__proto__", "a"]);
    expect(found["a"]).toEqual(bytes("3"));
  });

  test("a byte order mark at the beginning of a key is part of it", async () => {
    const { cache } = await connected();
    const keys = ["\uFEFF", "a", "\uFEFFa", "\uFEFF\uFEFFa", "a\uFEFF"];
    await cache.setMany(keys.map((key) => ({ key, value: bytes(key) })));
    const found = await cache.getMany([...keys, "missing", "\uFEFFa"]);
    expect(found).toEqual(Object.fromEntries(keys.map((key) => [key, bytes(key)])));
    expect(await cache.get("\uFEFFa")).toEqual(bytes("\uFEFFa"));
  });

  test("delete, deleteMany and touch report which keys were live", async () => {
    const { cache } = await connected();
    await cache.setMany(["a", "b", "c"].map((key) => ({ key, value: bytes(key) })));
    expect(await cache.delete("a")).toBe(true);
    expect(await cache.delete("a")).toBe(false);
    expect(await cache.deleteMany(["a", "b", "c"])).toBe(2);
    expect(await cache.touch("a", 1_000)).toBe(false);
  });

  test("a value of 16 MiB is written and read", async () => {
    const { cache, server } = await connected();
    const value = new Uint8Array(16 * 1024 * 1024).fill(7);
    await cache.set("large", value);
    expect(server.values.get("large")?.equals(value)).toBe(true);
    expect(await cache.get("large").then((read) => read?.byteLength)).toBe(value.byteLength);
  });
});

describe("ttl on the wire", () => {
  test.each([
    [undefined, null],
    [0, null],
    [-5, null],
    [Infinity, null],
    [0.2, { seconds: "0", nanos: 1_000_000 }],
    [1, { seconds: "0", nanos: 1_000_000 }],
    [90_061.5, { seconds: "90", nanos: 62_000_000 }],
    [315_576_000_000_000, { seconds: "315576000000", nanos: 0 }],
  ])("%s ms is sent as %j", async (ttlMs, sent) => {
    const { cache, server } = await connected();
    await cache.set("key", bytes("1"), { ttlMs });
    await cache.setMany([], { ttlMs });
    await cache.touch("key", ttlMs ?? 0);
    expect(server.calls.map(({ request }) => request["ttl"])).toEqual([sent, sent, sent]);
  });

  test.each([NaN, 315_576_000_000_001])("%s ms fails before anything is sent", async (ttlMs) => {
    const { cache, server } = await connected();
    await expect(cache.set("key", bytes("1"), { ttlMs })).rejects.toMatchObject({
      code: "invalid_argument",
      message: expect.stringContaining(String(ttlMs)) as string,
    });
    expect(server.calls).toEqual([]);
  });
});

describe("deadlines, close and reconnection", () => {
  test("a call that exceeds its deadline fails with the deadline and the target", async () => {
    const { cache, path } = await connected({ timeoutMs: 60, answer: () => "nothing" });
    await expect(cache.get("key")).rejects.toMatchObject({
      code: Code.DeadlineExceeded,
      rawMessage: `cache at unix://${path} (target): no reply within 60 ms`,
    });
  });

  test("the server receives the deadline", async () => {
    const { cache, server } = await connected({ timeoutMs: 2_500 });
    await cache.get("key");
    expect(server.calls[0]?.timeLeftMs).toBeGreaterThan(0);
    expect(server.calls[0]?.timeLeftMs).toBeLessThanOrEqual(2_500);
  });

  test.each([
    [null, "options must be an object (got null)"],
    ["tcp://localhost:1", "options must be an object (got a string)"],
    [[], "options must be an object (got an Array)"],
    [{ target: 5 }, "target must be a string (got a number)"],
    [{ target: null }, "target must be a string (got null)"],
    [{ target: new URL("tcp://localhost:1") }, "target must be a string (got a URL)"],
    [{ target: "/run/c.sock", tls: "pem" }, "tls must be an object (got a string)"],
    [{ environment: "A=b" }, "environment must be an object (got a string)"],
  ])("options of the wrong type fail with invalid_argument: %o", (options, message) => {
    const construct = (): unknown => new Cache("", options as never);
    expect(construct).toThrow(expect.objectContaining({ code: "invalid_argument", message }));
  });

  test.each([-1, NaN, 2 ** 31])("a deadline of %s ms fails with invalid_argument", (timeoutMs) => {
    expect(() => new Cache("", { target: "/tmp/x", timeoutMs })).toThrow(
      `timeoutMs must be between 0 and 2147483647 ms (got ${timeoutMs})`,
    );
  });

  test.each([
    [0.1, "1m"],
    [2.5, "3m"],
    [60_000, "60000m"],
    [99_999_999, "99999999m"],
    [99_999_999.5, "100000S"],
    [100_000_000, "100000S"],
    [100_000_001, "100000S"],
    [2 ** 31 - 1, "2147483S"],
  ])("a deadline of %s ms is sent as %s", (timeoutMs, header) => {
    expect(formatGrpcTimeout(timeoutMs)).toBe(header);
  });

  test.each([99_999_999, 100_000_000, 2 ** 31 - 1])(
    "a call with a deadline of %s ms succeeds",
    async (timeoutMs) => {
      const { cache, server } = await connected({ timeoutMs });
      expect(await cache.get("key")).toBeUndefined();
      expect(server.calls[0]?.timeLeftMs).toBeGreaterThan(timeoutMs - 60_000);
      expect(server.calls[0]?.timeLeftMs).toBeLessThanOrEqual(timeoutMs);
    },
  );

  test.each([
    ["1000", "a string"],
    [1_000n, "a bigint"],
    [true, "a boolean"],
    [new Date(0), "a Date"],
    [{}, "an Object"],
  ])("a deadline of %o fails, as it is not a number", (timeoutMs, got) => {
    expect(() => new Cache("", { target: "/tmp/x", timeoutMs: timeoutMs as number })).toThrow(
      `timeoutMs must be between 0 and 2147483647 ms (got ${got})`,
    );
  });

  test("a deadline error of the server keeps its message", async () => {
    const details = "backend took too long";
    const answer = (): Answer => ({ code: status.DEADLINE_EXCEEDED, details });
    const { cache } = await connected({ answer });
    await expect(cache.get("key")).rejects.toMatchObject({
      code: Code.DeadlineExceeded,
      rawMessage: details,
    });
  });

  test("a timeout of 0 means no deadline", async () => {
    const { cache, server } = await connected({ timeoutMs: 0 });
    await cache.get("key");
    expect(server.calls[0]?.timeLeftMs).toBe(Infinity);
  });

  test("calls work again after the server restarts", async () => {
    const { cache, server, path } = await connected();
    await cache.set("key", bytes("1"));
    server.stop();
    // The client may not know yet: this call may fail, but no call hangs.
    await cache.get("key").catch((error: unknown) => {
      expect(ConnectError.from(error).code).toBe(Code.Unavailable);
    });
    await expect(cache.get("key")).rejects.toMatchObject({ code: Code.Unavailable });
    await startGrpcJsCacheServer(`unix://${path}`);
    expect(await cache.get("key")).toBeUndefined();
  });

  test("calls of a closed cache, and calls in flight, reject with canceled", async () => {
    const { cache } = await connected({
      answer: ({ method }) => (method === "Get" ? "nothing" : undefined),
    });
    await cache.set("key", bytes("1"));
    const inFlight = cache.get("key");
    await cache.close();
    const closed = { code: Code.Canceled, rawMessage: "the cache is closed" };
    await expect(inFlight).rejects.toMatchObject(closed);
    await expect(cache.set("key", bytes("1"))).rejects.toMatchObject(closed);
    await cache.close();
  });

  test("many calls in flight cause no listener warning, and end when the cache closes", async () => {
    const warnings: Error[] = [];
    const note = (warning: Error): void => void warnings.push(warning);
    process.on("warning", note);
    onTestFinished(() => void process.off("warning", note));
    const { cache, server } = await connected({
      answer: ({ method }) => (method === "Touch" ? "nothing" : undefined),
    });
    await Promise.all(Array.from({ length: 100 }, (_, index) => cache.get(`key ${index}`)));
    const inFlight = Array.from({ length: 100 }, () => cache.touch("key", 1));
    await vi.waitFor(() => expect(server.calls).toHaveLength(200));
    await cache.close();
    const outcomes = await Promise.allSettled(inFlight);
    expect(outcomes.every(({ status }) => status === "rejected")).toBe(true);
    // Node emits a warning one turn after its cause.
    await new Promise((resolve) => setImmediate(resolve));
    expect(warnings).toEqual([]);
  });

  test("await using closes the cache", async () => {
    const { path } = await connected();
    let outer: Cache;
    {
      await using cache = new Cache("", { target: path });
      await cache.get("key");
      outer = cache;
    }
    await expect(outer.get("key")).rejects.toMatchObject({ code: Code.Canceled });
  });
});
