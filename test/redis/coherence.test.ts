import fc from "fast-check";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bytes, isNear, sharedProvider, textOf, until } from "./support/caches.js";
import {
  describeWithServer,
  startServer,
  type PlainClient,
  type RunningServer,
} from "./support/servers.js";

describeWithServer("two processes on one server", () => {
  let server: RunningServer;
  let plain: PlainClient;
  beforeAll(async () => {
    server = await startServer();
    plain = await server.client();
  });
  afterAll(async () => {
    plain.destroy();
    await server.stop();
  });

  /** All invalidations that the server sent before this call have arrived after it. */
  const settle = async (provider: { get(key: string): unknown }): Promise<void> => {
    await provider.get(`nothing-${Math.random()}`);
  };

  test("see each other's writes, and those of any client", async () => {
    const one = await sharedProvider({ url: server.url });
    const other = await sharedProvider({ url: server.url });
    await one.set("k", bytes("1"));
    expect(await textOf(other, "k")).toBe("1");
    expect([isNear(one, "k"), isNear(other, "k")]).toEqual([true, true]);
    await other.set("k", bytes("2"));
    expect(isNear(other, "k")).toBe(true);
    await settle(one);
    expect(await textOf(one, "k")).toBe("2");
    const changes: [string, () => Promise<unknown>, string | undefined][] = [
      ["SET", () => plain.set("test:k", "3"), "3"],
      ["APPEND", () => plain.append("test:k", "4"), "34"],
      ["DEL", () => plain.del("test:k"), undefined],
      ["RENAME", () => plain.set("x", "5").then(() => plain.rename("x", "test:k")), "5"],
      ["FLUSHALL", () => plain.flushAll(), undefined],
      ["RESTORE", () => plain.mSet({ "test:k": "6", y: "7" }), "6"],
    ];
    for (const [name, change, expected] of changes) {
      await change();
      for (const each of [one, other]) {
        await settle(each);
        expect([name, await textOf(each, "k")]).toEqual([name, expected]);
      }
    }
    expect(one.statistics().shared).toMatchObject({ reconnects: 0 });
    expect(one.statistics().shared?.invalidations).toBeGreaterThan(4);
  });

  test("near values expire with their TTL, whichever client set it", async () => {
    const one = await sharedProvider({ url: server.url });
    const other = await sharedProvider({ url: server.url });
    await one.set("ttl", bytes("1"), { ttlMs: 150 });
    expect(await textOf(other, "ttl")).toBe("1");
    expect([isNear(one, "ttl"), isNear(other, "ttl")]).toEqual([true, true]);
    await delay(155);
    expect([isNear(one, "ttl"), isNear(other, "ttl")]).toEqual([false, false]);
    expect(await textOf(one, "ttl")).toBeUndefined();
    await one.set("ttl", bytes("1"), { ttlMs: 60_000 });
    await plain.pExpire("test:ttl", 100);
    await settle(one);
    await delay(110);
    expect(await textOf(one, "ttl")).toBeUndefined();
    await one.set("ttl", bytes("1"), { ttlMs: 100 });
    await one.touch("ttl", 0);
    await delay(110);
    expect(await textOf(one, "ttl")).toBe("1");
    expect(await plain.pTTL("test:ttl")).toBe(-1);
  });

  test("a touch keeps a near value near, and never keeps an old one", async () => {
    const one = await sharedProvider({ url: server.url });
    for (let round = 0; round < 200; round++) {
      await one.set("touched", bytes("old"));
      const written = plain.set("test:touched", `new ${round}`);
      const touched = one.touch("touched", 60_000);
      await Promise.all([written, touched]);
      await settle(one);
      expect(await textOf(one, "touched")).toBe(`new ${round}`);
    }
    await one.touch("touched", 60_000);
    expect(isNear(one, "touched")).toBe(true);
  });

  test("keys, values and prefixes arrive on the server as they are", async () => {
    const one = await sharedProvider({ url: server.url, keyPrefix: "p😀{" });
    const value = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    for (const key of ["", "a b", "\0\n", "__proto__", "🧨}", "x".repeat(100_000)]) {
      await one.set(key, value);
      expect(await plain.strLen(`p😀{${key}`)).toBe(256);
      await plain.set(`p😀{${key}`, "changed");
      await settle(one);
      expect(await textOf(one, key)).toBe("changed");
    }
  });

  /**
   * Operations of two processes and a plain client overlap in any way. Each write has a value of its
   * own. The oracle is the server: once the invalidations of all writes have arrived, each process
   * must read what the server holds.
   */
  test("no interleaving leaves an outdated value in a near cache", async () => {
    const providers = [
      await sharedProvider({ url: server.url }),
      await sharedProvider({ url: server.url }, { maxBytes: "2KiB" }),
    ];
    const actor = fc.nat({ max: 2 });
    const kind = fc.constantFrom("get", "get", "set", "delete", "touch", "getMany", "setMany");
    const step = fc.record({ actor, kind, key: fc.nat({ max: 1 }), waits: fc.nat({ max: 3 }) });
    let version = 0;
    const property = fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      await plain.del(["test:p0", "test:p1"]);
      const running: Promise<unknown>[] = [];
      for (const { actor: by, kind: what, key: at, waits } of steps) {
        const key = `p${at}`;
        const value = `${++version}`;
        const provider = providers[by];
        if (provider === undefined) {
          const command =
            what === "delete" ? plain.del(`test:${key}`) : plain.set(`test:${key}`, value);
          running.push(command);
        } else if (what === "get") running.push(Promise.resolve(provider.get(key)));
        else if (what === "set") running.push(Promise.resolve(provider.set(key, bytes(value))));
        else if (what === "delete") running.push(Promise.resolve(provider.delete(key)));
        else if (what === "touch") running.push(Promise.resolve(provider.touch(key, 60_000)));
        else if (what === "getMany") {
          running.push(Promise.resolve(provider.getMany(["p0", "p1"])));
        } else {
          const entries = [key, "p1", key].map((each) => ({ key: each, value: bytes(value) }));
          running.push(Promise.resolve(provider.setMany(entries)));
        }
        for (let turn = 0; turn < waits; turn++) await delay(0);
      }
      await Promise.all(running);
      for (const provider of providers) {
        await settle(provider);
        for (const key of ["p0", "p1"]) {
          const held = (await plain.get(`test:${key}`)) ?? undefined;
          const read = await textOf(provider, key);
          expect([key, read]).toEqual([key, held]);
          // Once more, now from the near cache unless it has no room.
          expect([key, await textOf(provider, key)]).toEqual([key, held]);
        }
      }
    });
    await fc.assert(property, { numRuns: 150 });
    const { nearHits, remoteHits } = providers[0]?.statistics().shared ?? {};
    expect(nearHits).toBeGreaterThan(100);
    expect(remoteHits).toBeGreaterThan(50);
  }, 60_000);

  test("the memory stays within its bound under any number of keys", async () => {
    const one = await sharedProvider({ url: server.url }, { maxBytes: "64KiB" });
    for (let round = 0; round < 20; round++) {
      const entries = Array.from({ length: 100 }, (_, index) => ({
        key: `bound-${round}-${index}`,
        value: new Uint8Array(500),
      }));
      await one.setMany(entries);
      const { bytes: held, maxBytes } = one.statistics();
      expect(held).toBeLessThanOrEqual(maxBytes);
      expect(held).toBeGreaterThan(0);
    }
    // Larger than the whole near cache, yet within what the server takes.
    await one.set("large", new Uint8Array(60_000));
    expect((await one.get("large"))?.length).toBe(60_000);
    await until(() => one.statistics().bytes <= 65_536, "within its bound");
  });
});
