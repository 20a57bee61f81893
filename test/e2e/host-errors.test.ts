import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startProcess, until } from "../support/child-process.js";
import { authoredProvider, repositoryRoot, startProvider } from "../support/provider-process.js";

/** Reading one of these keys does damage; any other key is a miss. */
const FAULTY_PROVIDER = `
  await serveCacheProvider(defineCacheProvider({
    get(key) {
      if (key === "throw") setImmediate(() => { throw new Error("first line\\nsecond line") });
      if (key === "reject") void Promise.reject(new TypeError("nobody waits"));
      if (key === "fail") throw new Error("the secret detail");
      return null;
    },
    set() {}, delete: () => false, touch: () => false,
  }));`;

test.each([
  ["throw", /^session: uncaught error: Error: first line\\nsecond line at [^\n]+\n$/],
  ["reject", /^session: unhandled rejection: TypeError: nobody waits at [^\n]+\n$/],
])("an error that nobody caught (%s) is one line, and the process serves on", async (key, line) => {
  const provider = await startProvider({ command: authoredProvider(FAULTY_PROVIDER) });
  await provider.client("ProviderLifecycle").call("ConfigureProvider", { protocol_version: 3 });
  const cache = provider.client("Cache");
  await cache.call("Get", { key });
  await expect.poll(provider.stderr).toMatch(line);
  expect((await cache.call("Get", { key: "a" })).reply).toMatchObject({ found: false });
});

test("an error that leaves the cache unsound ends the process, in order and with 1", async () => {
  const provider = await startProvider({
    command: authoredProvider(`
      await serveCacheProvider(defineCacheProvider({
        get() { setImmediate(() => { throw new Error("half done") }); return null; },
        set() {}, delete: () => false, touch: () => false,
        isSound: () => Promise.reject(new Error("cannot even look")),
        close: () => console.log("closed"),
      }));`),
  });
  await provider.client("ProviderLifecycle").call("ConfigureProvider", { protocol_version: 3 });
  expect((await provider.client("Cache").call("Get", { key: "a" })).code).toBe(0);
  expect(await provider.ended).toEqual({ code: 1, signal: null });
  expect(provider.stderr()).toMatch(
    /^session: uncaught error: Error: half done [^\n]+\nsession: what is stored cannot be trusted any more: ending\n$/,
  );
  expect(provider.stdout()).toBe("closed\n");
  expect(existsSync(provider.socketPath)).toBe(false);
});

test("ending so, it answers the calls that are under way, and says once that it ends", async () => {
  const provider = await startProvider({
    command: authoredProvider(`
      await serveCacheProvider(defineCacheProvider({
        get(key) {
          if (key === "slow") return new Promise((resolve) => setTimeout(resolve, 300, Buffer.of(1)));
          for (let i = 0; i < 3; i++) setImmediate(() => { throw new Error("again") });
          return null;
        },
        set() {}, delete: () => false, touch: () => false, isSound: () => false,
      }));`),
  });
  await provider.client("ProviderLifecycle").call("ConfigureProvider", { protocol_version: 3 });
  const cache = provider.client("Cache");
  const slow = cache.call("Get", { key: "slow" });
  await cache.call("Get", { key: "a" });
  expect((await slow).reply).toMatchObject({ found: true });
  expect(await provider.ended).toEqual({ code: 1, signal: null });
  expect(provider.stderr().match(/: uncaught error: Error: again/g)).toHaveLength(3);
  expect(provider.stderr().match(/: ending/g)).toHaveLength(1);
});

test("a storm of errors has the cache looked through twice, not once for each", async () => {
  const provider = await startProvider({
    command: authoredProvider(`
      await serveCacheProvider(defineCacheProvider({
        get(key) {
          if (key !== "storm") return null;
          for (let i = 0; i < 100; i++) setImmediate(() => { throw new Error("again") });
          return null;
        },
        set() {}, delete: () => false, touch: () => false,
        isSound() {
          const end = performance.now() + 30;
          while (performance.now() < end);
          console.log("looked through");
          return true;
        },
      }));`),
  });
  await provider.client("ProviderLifecycle").call("ConfigureProvider", { protocol_version: 3 });
  const cache = provider.client("Cache");
  await cache.call("Get", { key: "storm" });
  await until(() => provider.stderr().split("\n").length > 100, { what: "a line for each" });
  await until(() => provider.stdout().split("\n").length > 2, { what: "looked through again" });
  expect((await cache.call("Get", { key: "a" })).code).toBe(0);
  expect(provider.stdout()).toBe("looked through\n".repeat(2));
});

test("the in-memory cache is found sound after an error, with all that it held", async () => {
  const thrower = `data:text/javascript,${encodeURIComponent(
    `process.on("SIGUSR2", () => { throw new Error("a defect") });`,
  )}`;
  const provider = await startProvider({
    command: [process.execPath, join(repositoryRoot, "dist/cli/main.js")],
    env: { NODE_OPTIONS: `--import=${thrower}` },
  });
  await provider.client("ProviderLifecycle").call("ConfigureProvider", { protocol_version: 3 });
  const cache = provider.client("Cache");
  const entries = Array.from({ length: 1_000 }, (_, index) => ({
    key: `key ${index}`,
    value: Buffer.alloc(index, "x"),
  }));
  expect((await cache.call("SetMany", { entries })).code).toBe(0);
  provider.signal("SIGUSR2");
  await until(() => provider.stderr() !== "", { what: "a line about the error" });
  const { reply } = await cache.call("GetMany", { keys: entries.map(({ key }) => key) });
  expect(reply?.["entries"]).toEqual(entries.map((entry) => ({ ...entry, found: true })));
  expect(provider.stderr()).toMatch(/^session: uncaught error: Error: a defect [^\n]+\n$/);
});

test("a handler that fails: a fixed text for the caller, the detail on stderr", async () => {
  const provider = await startProvider({ command: authoredProvider(FAULTY_PROVIDER) });
  await provider.client("ProviderLifecycle").call("ConfigureProvider", { protocol_version: 3 });
  const { code, details } = await provider.client("Cache").call("Get", { key: "fail" });
  expect(code).toBe(13);
  expect(details).not.toContain("secret");
  await expect.poll(provider.stderr).toMatch(/^session: [^\n]*the secret detail[^\n]*\n$/);
});

test("a provider started without a host says how it is started", async () => {
  const child = startProcess(authoredProvider(FAULTY_PROVIDER));
  expect(await child.ended).toMatchObject({ code: 1 });
  expect(child.stderr()).toContain(
    "this is a cache provider; it is started by gestaltd. To run it yourself: GESTALT_PROVIDER_SOCKET=/tmp/cache.sock node",
  );
});
