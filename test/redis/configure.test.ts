import { rmSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createMemoryCacheProvider } from "../../src/memory/memory-cache-provider.js";
import { errorFromReply } from "../../src/redis/server-error.js";
import { TieredCacheProvider } from "../../src/redis/tiered-cache-provider.js";
import { bytes, failure, isNear, sharedProvider, textOf, until } from "./support/caches.js";
import {
  describeWithServer,
  startClusterOfOne,
  startServer,
  type RunningServer,
} from "./support/servers.js";

const PASSWORD = "s3cret-Pa55word";

test("the memory provider alone refuses a configuration with a server", async () => {
  const provider = createMemoryCacheProvider();
  const configured = failure(() =>
    provider.configureProvider("c", { shared: { url: "redis://localhost" } }),
  );
  expect((await configured).code).toBe("invalid_argument");
});

test("a server's error never reaches a caller with the arguments that it quotes", () => {
  for (const text of [
    `ERR unknown command 'HELLO', with args beginning with: '3' 'AUTH' '${PASSWORD}'`,
    `${PASSWORD} is not good`,
    `OOM command not allowed ${PASSWORD}`,
  ]) {
    expect(errorFromReply(new Error(text)).message).not.toContain(PASSWORD);
  }
});

test("a server that cannot be reached makes configure fail at once, by FAILED_PRECONDITION", async () => {
  for (const shared of [
    { url: `redis://user:${PASSWORD}@127.0.0.1:1` },
    { cluster: ["redis://127.0.0.1:1"], password: PASSWORD },
    { sentinel: { name: "p", nodes: ["redis://127.0.0.1:1"] }, password: PASSWORD },
  ]) {
    const provider = new TieredCacheProvider();
    const start = performance.now();
    const { code, message } = await failure(() => provider.configureProvider("c", { shared }));
    expect(code).toBe("failed_precondition");
    expect(message).toContain("127.0.0.1:1 is not available: connect ECONNREFUSED");
    expect(message).not.toContain(PASSWORD);
    expect(performance.now() - start).toBeLessThan(1000);
    // As before: in memory.
    await provider.set("k", bytes("v"));
    expect(await textOf(provider, "k")).toBe("v");
    await provider.closeProvider();
  }
});

describeWithServer("with a server", () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startServer("--requirepass", PASSWORD);
  });
  afterAll(async () => server.stop());

  test("passwords work in the URL, as a key and in a file", async () => {
    const file = server.writeFile("password", `${PASSWORD}\n`);
    const url = `redis://127.0.0.1:${server.port}`;
    for (const shared of [
      { url: `redis://:${PASSWORD}@127.0.0.1:${server.port}/1` },
      { url, password: PASSWORD },
      { url, username: "default", passwordFile: file },
    ]) {
      const provider = await sharedProvider(shared);
      await provider.set("k", bytes("v"));
      expect(await textOf(provider, "k")).toBe("v");
    }
  });

  test("a password file that is missing for a while only delays the next connection", async () => {
    const node = await startClusterOfOne(PASSWORD);
    for (const [target, place] of [
      [server, { url: server.url }],
      [node, { cluster: [node.url] }],
    ] as const) {
      const file = target.writeFile("rotated", PASSWORD);
      const provider = await sharedProvider({ ...place, passwordFile: file });
      rmSync(file);
      const client = await target.client(PASSWORD);
      await client.sendCommand(["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]);
      client.destroy();
      const isUnreadable = async (): Promise<boolean> =>
        (await provider.healthCheck()).message?.includes("rotated (ENOENT)") === true;
      await until(isUnreadable, "the file cannot be read");
      target.writeFile("rotated", PASSWORD);
      await until(async () => (await provider.healthCheck()).ready, "it is connected again");
      await provider.set("k", bytes("v"));
    }
    await node.stop();
  });

  test("a wrong or missing password is FAILED_PRECONDITION, and is not shown", async () => {
    for (const shared of [
      { url: server.url },
      { url: server.url, password: `wrong-${PASSWORD}` },
      { url: `redis://someone:${PASSWORD}@127.0.0.1:${server.port}` },
    ]) {
      const provider = new TieredCacheProvider();
      const { code, message } = await failure(() => provider.configureProvider("c", { shared }));
      expect(code).toBe("failed_precondition");
      expect(message).toContain("the server refuses the user name or the password");
      expect(message).not.toContain(PASSWORD);
      await provider.closeProvider();
    }
  });

  test("the error for a user without the right to track keys names the missing right", async () => {
    const client = await server.client(PASSWORD);
    await client.sendCommand("ACL SETUSER plain on >pw ~* +@all -client|tracking".split(" "));
    const shared = { url: server.url, username: "plain", password: "pw" };
    const provider = new TieredCacheProvider();
    const { code, message } = await failure(() => provider.configureProvider("c", { shared }));
    expect(code).toBe("failed_precondition");
    expect(message).toContain("client|tracking");
    await provider.configureProvider("c", { shared: { ...shared, near: false } });
    await provider.set("k", bytes("v"));
    expect(isNear(provider, "k")).toBe(false);
    await provider.closeProvider();
    client.destroy();
  });

  test("keys begin with the cache's name, or with keyPrefix", async () => {
    const client = await server.client(PASSWORD);
    const shared = { url: server.url, password: PASSWORD };
    const provider = new TieredCacheProvider();
    await provider.configureProvider("session", { shared });
    await provider.set("k", bytes("1"));
    expect(await client.get("session:k")).toBe("1");
    await provider.configureProvider("session", { shared: { ...shared, keyPrefix: "" } });
    await provider.set("k", bytes("2"));
    expect(await client.get("k")).toBe("2");
    await client.set("k", "3");
    await provider.get("nothing");
    expect(await textOf(provider, "k")).toBe("3");
    await provider.closeProvider();
    client.destroy();
  });

  test("other limits apply in place, another server starts over, and memory can come back", async () => {
    const provider = new TieredCacheProvider();
    await provider.set("memory", bytes("1"));
    const shared = { url: server.url, password: PASSWORD };
    await provider.configureProvider("c", { shared });
    expect(await textOf(provider, "memory")).toBeUndefined();
    await provider.set("k", bytes("v"));
    await provider.configureProvider("c", { shared, maxEntryBytes: 100 });
    expect(provider.statistics().sets).toBe(1);
    const { code, message } = await failure(() => provider.set("k", new Uint8Array(100)));
    expect(code).toBe("resource_exhausted");
    expect(message).toBe('entry too large: key "k" is 101 bytes, above maxEntryBytes (100)');
    expect(await textOf(provider, "k")).toBe("v");
    const wrong = { url: server.url, password: "wrong" };
    await failure(() => provider.configureProvider("c", { shared: wrong }));
    expect(await textOf(provider, "k")).toBe("v");
    await provider.configureProvider("c", {});
    expect(await textOf(provider, "k")).toBeUndefined();
    expect(provider.statistics().shared).toBeUndefined();
    await provider.closeProvider();
  });

  test("errors of single keys and of batches name what to do", async () => {
    const client = await server.client(PASSWORD);
    const provider = await sharedProvider({ url: server.url, password: PASSWORD });
    await client.lPush("test:list", "x");
    expect(await failure(() => provider.get("list"))).toEqual({
      code: "failed_precondition",
      message: "the shared cache holds a value of another type under this key (WRONGTYPE)",
    });
    // MGET returns no value for a key of another type.
    expect(await provider.getMany(["a", "list"])).toEqual({});
    await client.configSet("maxmemory", "1");
    expect(await failure(() => provider.setMany([{ key: "a", value: bytes("1") }]))).toMatchObject({
      code: "resource_exhausted",
      message: expect.stringContaining("maxmemory-policy") as string,
    });
    await client.configSet("maxmemory", "0");
    client.destroy();
  });

  test("closing ends the connections", async () => {
    const provider = await sharedProvider({ url: server.url, password: PASSWORD });
    await provider.closeProvider();
    expect((await failure(() => provider.get("k"))).code).toBe("unavailable");
    const client = await server.client(PASSWORD);
    const list = JSON.stringify(await client.sendCommand(["CLIENT", "LIST"]));
    expect(list).not.toContain("name=gestalt-cache-memory");
    client.destroy();
  });
});
