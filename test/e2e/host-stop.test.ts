import { existsSync, renameSync } from "node:fs";
import { createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { until } from "../support/child-process.js";
import {
  authoredProvider,
  startProvider,
  type ProviderProcess,
} from "../support/provider-process.js";

const CLEAN_EXIT = { code: 0, signal: null };

/** A provider whose `get` of `key` takes 400 ms; it says on stdout when one has begun. */
const SLOW_PROVIDER = `
  const entry = (key) => new Promise((resolve) => {
    console.log("reading " + key);
    setTimeout(resolve, 400, Buffer.from("late"));
  });
  await serveCacheProvider(defineCacheProvider({
    get: entry, set() {}, delete: () => false, touch: () => false,
    close: () => console.log("closed"),
  }));`;

async function stop(provider: ProviderProcess, signal: NodeJS.Signals): Promise<number> {
  const begun = performance.now();
  provider.signal(signal);
  expect(await provider.ended).toEqual(CLEAN_EXIT);
  return performance.now() - begun;
}

async function startConfigured(command?: readonly string[]): Promise<ProviderProcess> {
  const provider = await startProvider(command === undefined ? {} : { command });
  const { code } = await provider
    .client("ProviderLifecycle")
    .call("ConfigureProvider", { name: "session", protocol_version: 3 });
  expect(code).toBe(0);
  return provider;
}

test.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)(
  "%s with an idle connection exits with 0 within a second and removes the socket",
  async (signal) => {
    const provider = await startConfigured();
    expect((await provider.client("Cache").call("Get", { key: "a" })).code).toBe(0);
    expect(await stop(provider, signal)).toBeLessThan(1_000);
    expect(existsSync(provider.socketPath)).toBe(false);
    expect(provider.stderr()).toBe("");
  },
);

test("calls in flight finish, and closeProvider runs, before the process exits", async () => {
  const provider = await startConfigured(authoredProvider(SLOW_PROVIDER));
  const cache = provider.client("Cache");
  const answers = ["a", "b", "c"].map((key) => cache.call("Get", { key }));
  await until(() => provider.stdout().split("reading").length === 4, { what: "three reads" });
  await stop(provider, "SIGTERM");
  for (const { reply } of await Promise.all(answers)) {
    expect(reply).toEqual({ found: true, value: Buffer.from("late") });
  }
  expect(provider.stdout()).toMatch(/closed\n$/);
});

test("the same signal delivered twice at once is one request", async () => {
  const provider = await startConfigured(authoredProvider(SLOW_PROVIDER));
  const answer = provider.client("Cache").call("Get", { key: "a" });
  await until(() => provider.stdout().includes("reading"), { what: "a read" });
  provider.signal("SIGINT");
  provider.signal("SIGINT");
  await stop(provider, "SIGTERM");
  expect((await answer).code).toBe(0);
});

test("a later second signal ends the process at once", async () => {
  const source = SLOW_PROVIDER.replace("400", "5000");
  const provider = await startConfigured(authoredProvider(source));
  const answer = provider.client("Cache").call("Get", { key: "a" });
  await until(() => provider.stdout().includes("reading"), { what: "a read" });
  provider.signal("SIGINT");
  await delay(300);
  provider.signal("SIGINT");
  expect(await provider.ended).toEqual({ code: 130, signal: null });
  expect(existsSync(provider.socketPath)).toBe(false);
  expect((await answer).code).not.toBe(0);
});

test("a provider that never finishes closing exits before the host kills it", async () => {
  const provider = await startProvider({
    command: authoredProvider(`
      setInterval(() => {}, 1000);
      await serveCacheProvider(defineCacheProvider({
        get: () => null, set() {}, delete: () => false, touch: () => false,
        close: () => new Promise(() => {}),
      }));`),
  });
  expect(await stop(provider, "SIGTERM")).toBeLessThan(1_900);
  expect(existsSync(provider.socketPath)).toBe(false);
  expect(provider.stderr().trim().split("\n")).toHaveLength(1);
});

test("a provider that fails to close prints one line and exits with 1", async () => {
  const provider = await startProvider({
    command: authoredProvider(`
      await serveCacheProvider(defineCacheProvider({
        get: () => null, set() {}, delete: () => false, touch: () => false,
        close() { throw new Error("disk on fire") },
      }));`),
  });
  provider.signal("SIGTERM");
  expect(await provider.ended).toEqual({ code: 1, signal: null });
  expect(provider.stderr()).toMatch(/^session: error while closing: Error: disk on fire[^\n]*\n$/);
});

test("another server's socket at the path stays", async () => {
  const provider = await startProvider();
  const theirs = createServer();
  const besides = `${provider.socketPath}2`;
  await new Promise<void>((resolve) => theirs.listen(besides, resolve));
  onTestFinished(() => void theirs.close());
  renameSync(besides, provider.socketPath);
  await stop(provider, "SIGTERM");
  expect(existsSync(provider.socketPath)).toBe(true);
});
