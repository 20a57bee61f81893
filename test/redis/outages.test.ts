import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bytes, failure, isNear, sharedProvider, textOf, until } from "./support/caches.js";
import { startProxy } from "./support/cutting-proxy.js";
import {
  describeWithServer,
  startClusterOfOne,
  startServer,
  type RunningServer,
} from "./support/servers.js";

/** Some tolerance for a busy machine. */
const TOLERANCE_MS = 400;

describeWithServer("a lost server", () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(async () => server.stop());

  async function timed(operation: () => unknown): Promise<{ code: string; ms: number }> {
    const start = performance.now();
    const { code } = await failure(operation);
    return { code, ms: performance.now() - start };
  }

  test("fails calls with UNAVAILABLE, empties the near cache, and is used again", async () => {
    const provider = await sharedProvider({ url: server.url, timeoutMs: 500 });
    await provider.set("a", bytes("1"));
    expect(isNear(provider, "a")).toBe(true);
    await server.kill();
    await until(() => !isNear(provider, "a"), "the near cache is empty");
    expect((await provider.healthCheck()).ready).toBe(false);
    for (const operation of [
      () => provider.get("a"),
      () => provider.set("a", bytes("2")),
      () => provider.touch("a", 1000),
      () => provider.delete("a"),
      () => provider.getMany(["a", "b"]),
      () => provider.setMany([{ key: "a", value: bytes("2") }]),
      () => provider.deleteMany(["a"]),
    ]) {
      const { code, ms } = await timed(operation);
      expect(code).toBe("unavailable");
      expect(ms).toBeLessThan(500 + TOLERANCE_MS);
    }
    const { message } = await failure(() => provider.getMany(["x", "y"]));
    expect(message).toMatch(
      /^entry 1 of 2 \(key "x"\): the shared cache at 127\.0\.0\.1:\d+ is not/,
    );
    await server.start();
    await until(async () => (await provider.healthCheck()).ready, "it is connected again");
    expect(await textOf(provider, "a")).toBeUndefined();
    await provider.set("a", bytes("3"));
    expect(isNear(provider, "a")).toBe(true);
    expect(provider.statistics().shared?.reconnects).toBe(1);
  });

  test("that falls silent fails calls within timeoutMs, and near values within maxStaleMs", async () => {
    const provider = await sharedProvider({ url: server.url, timeoutMs: 300, maxStaleMs: 400 });
    await provider.set("a", bytes("1"));
    server.signal("SIGSTOP");
    const stopped = performance.now();
    const calls = [timed(() => provider.get("b")), timed(() => provider.set("b", bytes("1")))];
    for (const { code, ms } of await Promise.all(calls)) {
      expect(code).toBe("unavailable");
      expect(ms).toBeLessThan(300 + TOLERANCE_MS);
    }
    await until(() => !isNear(provider, "a"), "near values have ended");
    expect(performance.now() - stopped).toBeLessThan(400 + TOLERANCE_MS);
    server.signal("SIGCONT");
    await until(async () => (await provider.healthCheck()).ready, "it is connected again");
    expect(await textOf(provider, "a")).toBe("1");
  });

  test("that is paused by CLIENT PAUSE fails calls in time, and serves them afterwards", async () => {
    const provider = await sharedProvider({ url: server.url, timeoutMs: 200, maxStaleMs: 300 });
    const client = await server.client();
    await provider.set("a", bytes("1"));
    await client.sendCommand(["CLIENT", "PAUSE", "1000", "ALL"]);
    const { code, ms } = await timed(() => provider.set("a", bytes("2")));
    expect(code).toBe("unavailable");
    expect(ms).toBeLessThan(200 + TOLERANCE_MS);
    await until(() => !isNear(provider, "a"), "near values have ended");
    // The write that was not answered may have been carried out.
    const isServed = async (): Promise<boolean> =>
      ["1", "2"].includes((await textOf(provider, "a").catch(() => "")) ?? "");
    await until(isServed, "reads are served again");
    await provider.set("a", bytes("3"));
    expect(await textOf(provider, "a")).toBe("3");
    client.destroy();
  });

  test("that kills the tracking connection empties the near cache before any other read", async () => {
    const provider = await sharedProvider({ url: server.url });
    const client = await server.client();
    for (let round = 0; round < 20; round++) {
      await until(async () => (await provider.healthCheck()).ready, "it is connected");
      await provider.set("a", bytes(`old ${round}`));
      expect(isNear(provider, "a")).toBe(true);
      await client.sendCommand(["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]);
      await client.set("test:a", `new ${round}`);
      await until(
        async () => (await textOf(provider, "a").catch(() => "")) !== `old ${round}`,
        "new",
      );
      expect(await textOf(provider, "a")).toBe(`new ${round}`);
    }
    client.destroy();
  });

  test("behind a network that cuts replies loses no call and returns no other value", async () => {
    const proxy = await startProxy(server.port);
    const provider = await sharedProvider({ url: proxy.url, timeoutMs: 500 });
    const value = "v".repeat(2000);
    let outcomes = 0;
    for (let round = 0; round < 40; round++) {
      await until(async () => (await provider.healthCheck()).ready, "it is connected");
      proxy.cutAfter(1 + Math.floor(Math.random() * 6000));
      const calls = Array.from({ length: 8 }, async (_, index) => {
        const key = `cut-${index}`;
        try {
          if (index % 2 === 0) await provider.set(key, bytes(value));
          else expect([undefined, value]).toContain(await textOf(provider, `cut-${index - 1}`));
        } catch (error) {
          expect((error as { code: string }).code).toBe("unavailable");
        }
        outcomes++;
      });
      await Promise.all(calls);
    }
    expect(outcomes).toBe(40 * 8);
  });

  test("behind a network that drops everything silently is detected", async () => {
    const proxy = await startProxy(server.port);
    const provider = await sharedProvider({ url: proxy.url, timeoutMs: 200, maxStaleMs: 300 });
    const client = await server.client();
    await provider.set("silent", bytes("old"));
    proxy.stall();
    await client.set("test:silent", "new");
    const start = performance.now();
    await until(() => !isNear(provider, "silent"), "near values have ended");
    expect(performance.now() - start).toBeLessThan(300 + TOLERANCE_MS);
    proxy.resume();
    await until(async () => (await provider.healthCheck()).ready, "it is connected again");
    await until(async () => (await textOf(provider, "silent").catch(() => "")) === "new", "new");
    client.destroy();
  });

  test("that is a replica refuses writes and serves reads over the same connection", async () => {
    const provider = await sharedProvider({ url: server.url });
    const client = await server.client();
    await provider.set("a", bytes("1"));
    await client.sendCommand(["REPLICAOF", "127.0.0.1", "1"]);
    expect(await failure(() => provider.set("b", bytes("2")))).toMatchObject({
      code: "unavailable",
    });
    expect(await textOf(provider, "a")).toBe("1");
    expect(provider.statistics().shared?.reconnects).toBe(0);
    await client.sendCommand(["REPLICAOF", "NO", "ONE"]);
    await provider.set("b", bytes("2"));
    client.destroy();
  });

  test("does not make calls pile up: the last of them are refused at once", async () => {
    const provider = await sharedProvider({ url: server.url, timeoutMs: 2000 });
    server.signal("SIGSTOP");
    const value = new Uint8Array(2 ** 20);
    const start = performance.now();
    const calls = Array.from({ length: 200 }, (_, index) =>
      failure(() => provider.set(`pile-${index}`, value)),
    );
    const refused = await Promise.all(calls.slice(150));
    expect(performance.now() - start).toBeLessThan(1500);
    for (const { code, message } of refused) {
      expect(code).toBe("unavailable");
      expect(message).toContain("overloaded");
    }
    server.signal("SIGCONT");
    await delay(0);
    await Promise.allSettled(calls);
  });
});

describeWithServer("a cluster", () => {
  let node: RunningServer;
  beforeAll(async () => {
    node = await startClusterOfOne();
  });
  afterAll(async () => node.stop());

  test("that is down while its servers answer ends near values until it is up", async () => {
    const provider = await sharedProvider({ cluster: [node.url], maxStaleMs: 60_000 });
    const client = await node.client();
    await provider.set("a", bytes("1"));
    expect(isNear(provider, "a")).toBe(true);
    await client.sendCommand(["CLUSTER", "DELSLOTS", "0"]);
    await until(async () => !(await provider.healthCheck()).ready, "it is noticed");
    expect((await provider.healthCheck()).message).toContain("is cut off from its cluster");
    expect(isNear(provider, "a")).toBe(false);
    // Another read of the table does not make it usable.
    await delay(300);
    expect((await provider.healthCheck()).ready).toBe(false);
    await client.sendCommand(["CLUSTER", "ADDSLOTS", "0"]);
    await until(async () => (await provider.healthCheck()).ready, "it is up again");
    await provider.set("a", bytes("2"));
    expect(isNear(provider, "a")).toBe(true);
    client.destroy();
  });

  test("keeps its near values when its table is read again and has not changed", async () => {
    const provider = await sharedProvider({ cluster: [node.url] });
    const client = await node.client();
    await client.sendCommand(["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]);
    await until(() => provider.statistics().shared?.reconnects === 1, "it is connected again");
    await provider.set("a", bytes("1"));
    await delay(400);
    expect(isNear(provider, "a")).toBe(true);
    client.destroy();
  });
});
