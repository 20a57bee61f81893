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
])(
  "an uncaught error (%s) is logged as one line, and the process keeps serving",
  async (key, line) => {
    const provider = await startProvider({ command: authoredProvider(FAULTY_PROVIDER) });
    await provider.client("ProviderLifecycle").call("ConfigureProvider", { protocol_version: 3 });
    const cache = provider.client("Cache");
    await cache.call("Get", { key });
    await expect.poll(provider.stderr).toMatch(line);
    expect((await cache.call("Get", { key: "a" })).reply).toMatchObject({ found: false });
  },
);

test.each(["throw", "reject"])(
  "with uncaughtErrors: exit, an uncaught error (%s) ends the process",
  async (key) => {
    const code = FAULTY_PROVIDER.replace(/\)\);$/, '), { uncaughtErrors: "exit" });');
    const provider = await startProvider({ command: authoredProvider(code) });
    await provider.client("ProviderLifecycle").call("ConfigureProvider", { protocol_version: 3 });
    await provider.client("Cache").call("Get", { key });
    expect(await provider.ended).toMatchObject({ code: 1 });
    expect(provider.stderr()).toMatch(/first line|nobody waits/);
  },
);

test("the in-memory cache keeps its entries after an uncaught error", async () => {
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

test("a failing handler gives its caller a fixed text and writes the detail to stderr", async () => {
  const provider = await startProvider({ command: authoredProvider(FAULTY_PROVIDER) });
  await provider.client("ProviderLifecycle").call("ConfigureProvider", { protocol_version: 3 });
  const { code, details } = await provider.client("Cache").call("Get", { key: "fail" });
  expect(code).toBe(13);
  expect(details).not.toContain("secret");
  await expect.poll(provider.stderr).toMatch(/^session: [^\n]*the secret detail[^\n]*\n$/);
});

test("a provider that is started without a host prints how to start it", async () => {
  const child = startProcess(authoredProvider(FAULTY_PROVIDER));
  expect(await child.ended).toMatchObject({ code: 1 });
  expect(child.stderr()).toContain(
    "this is a cache provider; it is started by gestaltd. To run it yourself: GESTALT_PROVIDER_SOCKET=/tmp/cache.sock node",
  );
});
