import { createServer, type Socket } from "node:net";
import { mock } from "node:test";
import { Code } from "@connectrpc/connect";
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { Cache } from "../../src/client/cache.js";
import { defineCacheProvider } from "../../src/contract/cache-provider.js";
import { runConformance } from "../../src/conformance/index.js";
import { createMemoryCacheProvider } from "../../src/memory/memory-cache-provider.js";
import { startEphemeralCache } from "../../src/standalone/ephemeral-cache.js";
import { tempSocketPath } from "../support/temp-directory.js";

/** Everything that vitest can replace in a worker; Node's own streams need nextTick. */
const EVERYTHING = [
  "setTimeout",
  "clearTimeout",
  "setInterval",
  "clearInterval",
  "setImmediate",
  "clearImmediate",
  "queueMicrotask",
  "performance",
  "hrtime",
  "Date",
] as const;

/** A framework's fake clock: how to stop time, and how to let a day pass. */
const FRAMEWORKS = [
  {
    framework: "vitest with its defaults",
    stopTime: () => void vi.useFakeTimers(),
    passDay: () => void vi.advanceTimersByTime(86_400_000),
  },
  {
    framework: "vitest with everything faked",
    stopTime: () => void vi.useFakeTimers({ toFake: [...EVERYTHING] }),
    passDay: () => void vi.advanceTimersByTime(86_400_000),
  },
  {
    framework: "node:test",
    stopTime: () => mock.timers.enable(),
    passDay: () => mock.timers.tick(86_400_000),
  },
];

afterEach(() => {
  vi.useRealTimers();
  mock.timers.reset();
  vi.restoreAllMocks();
});

const entries = Array.from({ length: 5_000 }, (_, index) => ({
  key: `key ${index}`,
  value: Uint8Array.of(index),
}));
const keys = entries.map(({ key }) => key);

describe.each(FRAMEWORKS)("with the fake timers of $framework", ({ stopTime, passDay }) => {
  test("calls, large batches and the end of the caches settle", async () => {
    stopTime();
    const caches = await startEphemeralCache();
    const cache = new Cache("", { environment: caches.env });
    await cache.set("key", Uint8Array.of(1), { ttlMs: 60_000 });
    expect(await cache.get("key")).toEqual(Uint8Array.of(1));
    await cache.setMany(entries);
    expect(Object.keys(await cache.getMany(keys))).toHaveLength(5_000);
    expect(await cache.deleteMany(keys)).toBe(5_000);
    await cache.close();
    await caches.close();
  });

  test("caches that were started before time stopped close, without a warning", async () => {
    const warn = vi.spyOn(console, "warn");
    const caches = await startEphemeralCache();
    const cache = new Cache("", { environment: caches.env });
    await cache.set("key", Uint8Array.of(1), { ttlMs: 60_000 });
    stopTime();
    await cache.touch("key", 1_000);
    await cache.set("key", Uint8Array.of(2), { ttlMs: 500 });
    expect(await cache.get("key")).toEqual(Uint8Array.of(2));
    await cache.close();
    await caches.close();
    expect(warn).not.toHaveBeenCalled();
  });

  test("an entry expires after its TTL in real time", async () => {
    stopTime();
    await using caches = await startEphemeralCache();
    await using cache = new Cache("", { environment: caches.env });
    await cache.set("long", Uint8Array.of(1), { ttlMs: 60_000 });
    await cache.set("short", Uint8Array.of(1), { ttlMs: 1 });
    passDay();
    expect(await cache.get("long")).toEqual(Uint8Array.of(1));
    while ((await cache.get("short")) !== undefined);
  });

  test("a call ends at its deadline in real time, and not before", async () => {
    const path = tempSocketPath();
    const sockets: Socket[] = [];
    const server = createServer((socket) => void sockets.push(socket));
    await new Promise<void>((resolve) => server.listen(path, resolve));
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    stopTime();
    await using patient = new Cache("", { target: path, timeoutMs: 60_000 });
    await using impatient = new Cache("", { target: path, timeoutMs: 50 });
    const ended = vi.fn();
    const waiting = patient.get("key").catch(ended);
    passDay();
    await expect(impatient.get("key")).rejects.toMatchObject({ code: Code.DeadlineExceeded });
    expect(ended).not.toHaveBeenCalled();
    await patient.close();
    await waiting;
    expect(ended).toHaveBeenCalledOnce();
  });

  test("batches of a provider in process settle", async () => {
    stopTime();
    const stored = new Map<string, Uint8Array>();
    const provider = defineCacheProvider({
      get: (key) => stored.get(key),
      set: (key, value) => void stored.set(key, value),
      delete: (key) => stored.delete(key),
      touch: (key) => stored.has(key),
    });
    await provider.setMany(entries);
    expect(Object.keys(await provider.getMany(keys))).toHaveLength(5_000);
    expect(await provider.deleteMany(keys)).toBe(5_000);
  });

  test("the conformance kit runs", async () => {
    stopTime();
    const report = await runConformance((clock) => createMemoryCacheProvider({ clock }), {
      only: ["get", "set-many", "ttl"],
    });
    expect(report.conforms).toBe(true);
  });
});
