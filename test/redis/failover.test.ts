import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { keySlot } from "../../src/redis/key-slot.js";
import { bytes, failure, isNear, sharedProvider, textOf, until } from "./support/caches.js";
import {
  describeWithServer,
  PRIMARY_NAME,
  startCluster,
  startSentinels,
  type PlainClient,
  type RunningServer,
} from "./support/servers.js";

/** Reads and writes all the time; counts what it cannot explain. */
function steadyCalls(provider: Awaited<ReturnType<typeof sharedProvider>>): () => Promise<number> {
  let isStopped = false;
  let slowestMs = 0;
  const call = async (): Promise<void> => {
    for (let count = 0; !isStopped; count++) {
      const start = performance.now();
      try {
        if (count % 2 === 0) await provider.set("steady", bytes("x"));
        else await provider.get("steady-miss");
      } catch (error) {
        expect((error as { code: string }).code).toBe("unavailable");
      }
      slowestMs = Math.max(slowestMs, performance.now() - start);
      await delay(5);
    }
  };
  const running = call();
  return async () => {
    isStopped = true;
    await running;
    return slowestMs;
  };
}

describeWithServer("a fail-over", () => {
  test("by Sentinel is followed without a restart", async () => {
    const { primary, replica, sentinels, ...running } = await startSentinels();
    const sentinel = { name: PRIMARY_NAME, nodes: sentinels.map(({ url }) => url) };
    const oldPrimary = await primary.client();
    // A server that does not say that it is the primary is not used, nor kept connected.
    await oldPrimary.sendCommand("ACL SETUSER limited on >pw ~* +@all -role".split(" "));
    const limited = { sentinel, username: "limited", password: "pw" };
    expect((await failure(() => sharedProvider(limited))).code).toBe("failed_precondition");
    const isLeft = async (): Promise<boolean> =>
      !JSON.stringify(await oldPrimary.sendCommand(["CLIENT", "LIST"])).includes("user=limited");
    await until(isLeft, "the connections are closed");
    const provider = await sharedProvider({ sentinel, timeoutMs: 500 });
    await provider.set("a", bytes("1"));
    await until(
      async () => Number(await oldPrimary.sendCommand(["WAIT", "1", "1000"])) === 1,
      "copied",
    );
    oldPrimary.destroy();
    const finish = steadyCalls(provider);
    await primary.kill();
    await until(() => !isNear(provider, "a"), "the near cache is empty");
    const isServed = async (): Promise<boolean> =>
      Promise.resolve(provider.set("b", bytes("2"))).then(
        () => true,
        () => false,
      );
    await until(isServed, "writes are served by the new primary", 20_000);
    expect(await textOf(provider, "a")).toBe("1");
    const newPrimary = await replica.client();
    expect(await newPrimary.get("test:b")).toBe("2");
    await newPrimary.set("test:a", "3");
    await until(async () => (await textOf(provider, "a")) === "3", "tracking works again");
    newPrimary.destroy();
    expect(await finish()).toBeLessThan(500 + 400);
    await running.stop();
  }, 60_000);

  test("of a cluster's primary is followed without a restart", async () => {
    const nodes = await startCluster({ hasReplicas: true });
    const provider = await sharedProvider({
      cluster: nodes.slice(0, 2).map(({ url }) => url),
      timeoutMs: 500,
    });
    const keys = Array.from({ length: 30 }, (_, index) => `k${index}`);
    const entries = keys.map((key) => ({ key, value: bytes(key) }));
    await provider.setMany(entries);
    expect(keys.filter((key) => isNear(provider, key))).toEqual(keys);
    const first = await nodes[0]?.client();
    await until(
      async () => Number(await first?.sendCommand(["WAIT", "1", "1000"])) === 1,
      "copied",
    );
    first?.destroy();
    const finish = steadyCalls(provider);
    await nodes[0]?.kill();
    await until(() => !keys.some((key) => isNear(provider, key)), "the near cache is empty");
    const isServed = async (): Promise<boolean> =>
      Promise.resolve(provider.setMany(entries)).then(
        () => true,
        () => false,
      );
    await until(isServed, "all slots are served again", 20_000);
    const found = await provider.getMany(keys);
    expect(Object.keys(found).sort()).toEqual([...keys].sort());
    await until(async () => (await provider.healthCheck()).ready, "all servers are connected");
    expect(keys.every((key) => isNear(provider, key) || found[key])).toBe(true);
    expect(await finish()).toBeLessThan(500 + 400);
    for (const node of nodes) await node.stop();
  }, 60_000);

  test("that demotes a primary which still answers is followed without a call", async () => {
    const nodes = await startCluster({ hasReplicas: true });
    const provider = await sharedProvider({ cluster: [nodes[0]?.url] });
    await provider.set("a", bytes("1"));
    const replica = await (nodes[4] as RunningServer).client();
    await replica.sendCommand(["CLUSTER", "FAILOVER"]);
    const isUsed = async (): Promise<boolean> =>
      JSON.stringify(await replica.sendCommand(["CLIENT", "LIST"])).includes(
        "gestalt-cache-memory",
      );
    await until(isUsed, "the new primary is used");
    await until(async () => (await provider.healthCheck()).ready, "all servers are connected");
    replica.destroy();
    for (const node of nodes) await node.stop();
  }, 60_000);

  test("of slots to another primary is followed while it happens (MOVED and ASK)", async () => {
    const nodes = await startCluster();
    const provider = await sharedProvider({ cluster: nodes.map(({ url }) => url) });
    const keys = Array.from({ length: 20 }, (_, index) => `{slot}-${index}`);
    const slot = String(keySlot("test:{slot}"));
    const clients = (await Promise.all(nodes.map((node) => node.client()))) as [
      PlainClient,
      PlainClient,
      PlainClient,
    ];
    const ids = await Promise.all(
      clients.map(
        async (client) => (await client.sendCommand(["CLUSTER", "MYID"])) as unknown as string,
      ),
    );
    const source = Math.min(2, Math.floor(Number(slot) / 5461));
    const target = (source + 1) % 3;
    const [from, to] = [clients[source], clients[target]] as [PlainClient, PlainClient];
    const port = String((nodes[target] as RunningServer).port);
    await provider.setMany(keys.map((key) => ({ key, value: bytes(`old ${key}`) })));
    await to.sendCommand(["CLUSTER", "SETSLOT", slot, "IMPORTING", ids[source] ?? ""]);
    await from.sendCommand(["CLUSTER", "SETSLOT", slot, "MIGRATING", ids[target] ?? ""]);
    for (const key of keys.slice(0, 10)) {
      await from.sendCommand(["MIGRATE", "127.0.0.1", port, `test:${key}`, "0", "5000"]);
    }
    // Half of the keys are on the other server now: ASK for them, and for those that are missing.
    const during = await provider.getMany([...keys, "{slot}-missing"]);
    expect(Object.keys(during).sort()).toEqual([...keys].sort());
    await provider.set("{slot}-new", bytes("new"));
    expect(await provider.touch(keys[0] ?? "", 60_000)).toBe(true);
    expect(await provider.touch(keys[1] ?? "", 0)).toBe(true);
    expect(await provider.deleteMany([keys[2] ?? "", keys[12] ?? ""])).toBe(2);
    for (const key of keys.slice(10)) {
      await from.sendCommand(["MIGRATE", "127.0.0.1", port, `test:${key}`, "0", "5000"]);
    }
    for (const client of [to, from, ...clients]) {
      await client.sendCommand(["CLUSTER", "SETSLOT", slot, "NODE", ids[target] ?? ""]);
    }
    for (const key of keys.slice(3, 12)) expect(await textOf(provider, key)).toBe(`old ${key}`);
    expect(await textOf(provider, "{slot}-new")).toBe("new");
    await to.set(`test:${keys[3]}`, "changed");
    await until(async () => (await textOf(provider, keys[3] ?? "")) === "changed", "changed");
    for (const client of clients) client.destroy();
    for (const node of nodes) await node.stop();
  }, 60_000);
});
