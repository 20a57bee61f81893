import { setTimeout as delay } from "node:timers/promises";
import * as grpc from "@grpc/grpc-js";
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { Cache } from "../../../src/client/cache.js";
import type { FaultRule } from "../../../src/standalone/control/fault-rule.js";
import { FaultRules } from "../../../src/standalone/control/fault-rules.js";
import {
  startEphemeralCache,
  type EphemeralCache,
} from "../../../src/standalone/ephemeral-cache.js";
import { createGrpcClient, type GrpcClient } from "../../support/grpc-client.js";
import { tempSocketPath } from "../../support/temp-directory.js";

interface Clients {
  readonly grpcJs: GrpcClient;
  readonly ours: Cache;
}

/** Somebody else's client and ours, of a Unix socket. */
function open(path: string): Clients {
  const grpcJs = createGrpcClient(`unix://${path}`, "Cache");
  const ours = new Cache("", { target: path });
  onTestFinished(async () => {
    grpcJs.close();
    await ours.close();
  });
  return { grpcJs, ours };
}

async function start(
  ...faults: readonly FaultRule[]
): Promise<Clients & { caches: EphemeralCache }> {
  const caches = await startEphemeralCache({ faults });
  onTestFinished(() => caches.close());
  return { caches, ...open(caches.env["GESTALT_CACHE_SOCKET"] ?? "") };
}

const codeOf = async (call: Promise<unknown>): Promise<Code | undefined> =>
  call.then(
    () => undefined,
    (error: unknown) => (error instanceof ConnectError ? error.code : expect.fail(String(error))),
  );

const value = new TextEncoder().encode("value");

test("a failure has the status that both clients receive from a server that is down", async () => {
  const down = open(tempSocketPath());
  const faulty = await start({ fail: "unavailable" });
  for (const { grpcJs, ours } of [down, faulty]) {
    expect((await grpcJs.call("Get", { key: "a" })).code).toBe(grpc.status.UNAVAILABLE);
    expect((await grpcJs.call("SetMany", { entries: [] })).code).toBe(grpc.status.UNAVAILABLE);
    expect(await codeOf(ours.get("a"))).toBe(Code.Unavailable);
    expect(await codeOf(ours.set("a", value))).toBe(Code.Unavailable);
  }
  expect(faulty.caches.entries()).toEqual([]);
});

test.each([
  ["deadline_exceeded", 4],
  ["resource_exhausted", 8],
  ["aborted", 10],
  ["data_loss", 15],
] as const)("a failure may be %s, with a text of its own", async (code, status) => {
  const { grpcJs, ours } = await start({ fail: { code, message: "as ordered: é" } });
  expect(await grpcJs.call("Delete", { key: "a" })).toMatchObject({
    code: status,
    details: "as ordered: é",
  });
  await expect(ours.delete("a")).rejects.toMatchObject({
    code: status,
    rawMessage: "as ordered: é",
  });
});

test("a failed call has no effect, and the next calls succeed", async () => {
  const { grpcJs, ours, caches } = await start({ fail: "unavailable", methods: ["set"], times: 1 });
  expect((await grpcJs.call("Set", { key: "a", value })).code).toBe(grpc.status.UNAVAILABLE);
  expect(await ours.get("a")).toBeUndefined();
  await ours.set("a", value);
  expect(await ours.get("a")).toEqual(value);
  expect(caches.faults.list()).toMatchObject([{ selected: 2, applied: 1 }]);
});

test("a call whose reply is lost has taken effect, once", async () => {
  const { grpcJs, ours, caches } = await start({ loseReply: true, times: 4 });
  expect(await grpcJs.call("Set", { key: "a", value })).toMatchObject({
    code: grpc.status.UNAVAILABLE,
    details: "injected fault: the call was carried out, and its reply was lost",
  });
  expect(await codeOf(ours.setMany([{ key: "b", value }]))).toBe(Code.Unavailable);
  expect(await codeOf(ours.delete("b"))).toBe(Code.Unavailable);
  expect(await codeOf(ours.set("big", new Uint8Array(5_000_000)))).toBe(Code.Unavailable);
  expect(await ours.getMany(["a", "b", "big"])).toEqual({ a: value });
  const statistics = caches.statistics().get("cache");
  expect(statistics).toMatchObject({ sets: 2, deletes: 1, refused: 1 });
});

test("neither client repeats a call", async () => {
  const { grpcJs, ours, caches } = await start({ loseReply: true });
  await grpcJs.call("Set", { key: "a", value });
  await codeOf(ours.set("a", value));
  expect(caches.calls().map(({ method, status }) => [method, status])).toEqual([
    ["set", "unavailable"],
    ["set", "unavailable"],
  ]);
});

test("a miss hides the entries of a prefix, which stay", async () => {
  const { grpcJs, ours, caches } = await start({ miss: true, keyPrefix: "user:", times: 4 });
  await ours.set("user:1", value);
  await ours.set("other", value);
  expect(await grpcJs.call("Get", { key: "user:1" })).toMatchObject({
    code: 0,
    reply: { found: false },
  });
  expect(await ours.get("user:1")).toBeUndefined();
  expect(await ours.getMany(["user:1", "other", "user:2"])).toEqual({ other: value });
  expect(await ours.touch("user:1", 5)).toBe(false);
  expect(await ours.getMany(["user:1", "other"])).toEqual({ "user:1": value, other: value });
  expect(caches.entries()).toMatchObject([{ ttlMs: undefined }, { ttlMs: undefined }]);
});

describe("a delay", () => {
  test("delays its call, and no other", async () => {
    const { ours, caches } = await start({ delayMs: 150, methods: ["set"] });
    const started = performance.now();
    const slow = ours.set("a", value);
    expect(await ours.get("a")).toBeUndefined();
    await slow;
    expect(performance.now() - started).toBeGreaterThan(140);
    expect(await ours.get("a")).toEqual(value);
    const slowCall = caches.calls().find(({ method }) => method === "set");
    expect(slowCall?.durationMs).toBeGreaterThan(140);
  });

  test("beyond a client's deadline fails the call with DEADLINE_EXCEEDED", async () => {
    const { grpcJs, caches } = await start({ delayMs: 300 });
    const slow = new Cache("", { environment: caches.env, timeoutMs: 50 });
    onTestFinished(() => slow.close());
    expect(await codeOf(slow.get("a"))).toBe(Code.DeadlineExceeded);
    const options = { deadline: Date.now() + 50 };
    const outcome = await grpcJs.call(
      "Set",
      { key: "a", value: new Uint8Array(9_000).fill(7) },
      options,
    );
    expect(outcome.code).toBe(grpc.status.DEADLINE_EXCEEDED);
    // A slow cache carries out what its client no longer waits for.
    await delay(350);
    expect(caches.entries()).toMatchObject([{ key: "a", value: new Uint8Array(9_000).fill(7) }]);
  });

  test("ends at a reset: its call fails, takes no effect and is not recorded", async () => {
    const { ours, caches } = await start({ delayMs: 60_000 });
    const call = codeOf(ours.set("a", value));
    await expect.poll(() => caches.faults.list()).toMatchObject([{ applied: 1 }]);
    await caches.reset();
    expect(await call).toBe(Code.Unavailable);
    expect(caches.calls()).toEqual([]);
    expect(caches.entries()).toEqual([]);
    await ours.set("b", value);
    expect(caches.calls()).toMatchObject([{ method: "set", keys: ["b"] }]);
  });

  test("of many calls at once causes no listener warning", async () => {
    const warned = vi.fn();
    process.on("warning", warned);
    onTestFinished(() => void process.off("warning", warned));
    const { ours, caches } = await start({ delayMs: 60_000, times: 80 });
    for (const round of [1, 2]) {
      const calls = Array.from({ length: 40 }, () => codeOf(ours.get("a")));
      await expect.poll(() => caches.faults.list()).toMatchObject([{ applied: 40 }]);
      await caches.reset();
      expect(await Promise.all(calls)).toEqual(calls.map(() => Code.Unavailable));
      if (round === 1) caches.faults.add({ delayMs: 60_000 });
    }
    expect(warned).not.toHaveBeenCalled();
  });

  test("does not keep caches from closing in time", async () => {
    const { ours, caches } = await start({ delayMs: 60_000 });
    const call = codeOf(ours.get("a"));
    await expect.poll(() => caches.faults.list()).toMatchObject([{ applied: 1 }]);
    const started = performance.now();
    await caches.close();
    expect(performance.now() - started).toBeLessThan(5_000);
    expect(await call).toBe(Code.Unavailable);
  });
});

test("counts and seeds are exact when 600 calls of several clients come at once", async () => {
  const random = { fail: "aborted", methods: ["get"], probability: 0.3, seed: 5 } as const;
  const { caches, ours, grpcJs } = await start(
    { fail: "unavailable", methods: ["get"], skip: 50, times: 120 },
    random,
  );
  const other = new Cache("", { environment: caches.env });
  onTestFinished(() => other.close());
  const codes = await Promise.all(
    Array.from({ length: 600 }, (_, index) =>
      index % 3 === 0
        ? grpcJs.call("Get", { key: "a" }).then(({ code }) => code)
        : codeOf((index % 3 === 1 ? ours : other).get("a")),
    ),
  );
  const count = (code: number): number => codes.filter((each) => each === code).length;
  expect(count(grpc.status.UNAVAILABLE)).toBe(120);

  // One after another, the same seed selects as many of as many calls.
  const alone = new FaultRules();
  alone.add(random);
  for (let call = 0; call < 480; call++) alone.apply("get", ["a"]);
  const aborted = alone.list()[0]?.applied;
  expect(count(grpc.status.ABORTED)).toBe(aborted);
  expect(caches.faults.list()).toMatchObject([
    { selected: 600, applied: 120 },
    { selected: 480, applied: aborted },
  ]);
});
