import { existsSync, mkdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import * as grpc from "@grpc/grpc-js";
import { Cache } from "../../src/client/cache.js";
import {
  startEphemeralCache,
  type EphemeralCacheOptions,
} from "../../src/standalone/ephemeral-cache.js";
import { sweepSocketDirectories } from "../../src/server/listen/socket-directory.js";
import { createGrpcClient } from "../support/grpc-client.js";
import { tempDirectory } from "../support/temp-directory.js";

async function start(options?: EphemeralCacheOptions) {
  const caches = await startEphemeralCache(options);
  onTestFinished(() => caches.close());
  const open = (name?: string, environment: Record<string, string> = caches.env): Cache => {
    const cache = new Cache(name, { environment });
    onTestFinished(() => cache.close());
    return cache;
  };
  return { caches, open };
}

const one = Uint8Array.of(1);
const two = Uint8Array.of(2);

/** Only the variables of newer hosts. */
function sharedOnly(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => name.includes("HOST_SERVICE")));
}

describe("environment", () => {
  test("one binding has the named variable and the short one", async () => {
    const { caches, open } = await start({ bindings: ["session"] });
    expect(Object.keys(caches.env).sort()).toEqual([
      "GESTALT_CACHE_SOCKET",
      "GESTALT_CACHE_SOCKET_SESSION",
      "GESTALT_HOST_SERVICES",
      "GESTALT_HOST_SERVICE_SOCKET",
    ]);
    await open().set("key", one);
    expect(await open("session").get("key")).toEqual(one);
  });

  test("several bindings have only the named variables, and share nothing", async () => {
    const { caches, open } = await start({ bindings: ["session", "rate-limit"] });
    expect(Object.keys(caches.env).sort()).toEqual([
      "GESTALT_CACHE_SOCKET_RATE_LIMIT",
      "GESTALT_CACHE_SOCKET_SESSION",
      "GESTALT_HOST_SERVICES",
      "GESTALT_HOST_SERVICE_SOCKET",
    ]);
    await open("session").set("key", one);
    expect(await open("rate-limit").get("key")).toBeUndefined();
    await open("rate-limit").set("key", two);
    expect(await open("session").get("key")).toEqual(one);
  });

  test("without a name the binding is called cache", async () => {
    const { caches } = await start();
    expect(caches.env).toHaveProperty(
      "GESTALT_CACHE_SOCKET_CACHE",
      caches.env["GESTALT_CACHE_SOCKET"],
    );
  });

  test.each([
    [["a", " "], "a binding's name must not be empty"],
    [["a-b", "A_B"], 'bindings "a-b" and "A_B" have the same variable, GESTALT_CACHE_SOCKET_A_B'],
    [["token"], "GESTALT_CACHE_SOCKET_TOKEN, which is the token of GESTALT_CACHE_SOCKET;"],
    [
      ["a", "A.Token"],
      "GESTALT_CACHE_SOCKET_A_TOKEN, which is the token of GESTALT_CACHE_SOCKET_A;",
    ],
    [["token_token", "b", " token"], "which is the token of GESTALT_CACHE_SOCKET_TOKEN;"],
    [["🎉"], 'binding name "🎉" is sent as a header and must contain only printable ASCII'],
    [["a", "straße"], 'binding name "straße" is sent as a header'],
    [["a\nb"], 'binding name "a\\nb" is sent as a header'],
    [["a\0"], 'binding name "a\\u0000" is sent as a header'],
    [["a".repeat(5_000)], "characters, above the limit of 4096"],
    [[5 as never], "binding name must be a string (got a number)"],
    [[undefined as never], "a binding's name must not be empty"],
  ])("bindings %j are refused", async (bindings, message) => {
    await expect(startEphemeralCache({ bindings })).rejects.toThrow(message);
  });

  test.each([
    [{ bindings: "abc" }, "bindings must be an array of names (got a string)"],
    [{ bindings: { a: 1 } }, "bindings must be an array of names (got an Object)"],
    [{ clock: "frozen" }, 'clock must be real or manual (got "frozen")'],
    [{ clock: true }, "clock must be real or manual (got a boolean)"],
  ])("options of the wrong type are refused: %j", async (options, message) => {
    await expect(startEphemeralCache(options as never)).rejects.toThrow(message);
  });

  test("a binding may be named like a token variable unless it is one", async () => {
    const bindings = ["token", "b", "c-token"];
    await using caches = await startEphemeralCache({ bindings });
    expect([...caches.statistics().keys()]).toEqual(bindings);
    expect(caches.env).not.toHaveProperty("GESTALT_CACHE_SOCKET");
  });
});

describe("the shared socket of newer hosts", () => {
  test("serves the binding that the header names", async () => {
    const { caches, open } = await start({ bindings: ["a", "b"] });
    const shared = sharedOnly(caches.env);
    await open("a").set("key", one);
    await open("b", shared).setMany([{ key: "key", value: two }]);
    expect(await open("a", shared).get("key")).toEqual(one);
    expect(await open("b").getMany(["key"])).toEqual({ key: two });
    expect(await open("a", shared).touch("key", 1_000)).toBe(true);
    expect(await open("a", shared).delete("key")).toBe(true);
    expect(await open("b", shared).deleteMany(["key"])).toBe(1);
  });

  test("a call without a binding goes to the only binding", async () => {
    const { caches, open } = await start({ bindings: ["a"] });
    await open("", sharedOnly(caches.env)).set("key", one);
    expect(await open("a").get("key")).toEqual(one);
  });

  test("with several bindings, a call must name a known one", async () => {
    const { caches, open } = await start({ bindings: ["a", "b"] });
    const shared = sharedOnly(caches.env);
    await expect(open("", shared).get("key")).rejects.toThrow(
      'cache binding is required: send x-gestalt-host-binding, one of "a", "b"',
    );
    await expect(open("c", shared).get("key")).rejects.toThrow(
      'cache binding "c" is not available, only "a", "b"',
    );
  });

  test("a grpc-js client is routed as well", async () => {
    const { caches, open } = await start({ bindings: ["a", "b"] });
    await open("b").set("key", two);
    const client = createGrpcClient(
      `unix://${caches.env["GESTALT_HOST_SERVICE_SOCKET"] ?? ""}`,
      "Cache",
    );
    onTestFinished(() => client.close());
    const metadata = new grpc.Metadata();
    metadata.set("x-gestalt-host-binding", "b");
    const outcome = await client.call("Get", { key: "key" }, {}, metadata);
    expect(outcome).toMatchObject({ code: 0, reply: { found: true, value: Buffer.from(two) } });
    const unknown = new grpc.Metadata();
    unknown.set("x-gestalt-host-binding", "c");
    expect((await client.call("Get", { key: "key" }, {}, unknown)).code).toBe(
      grpc.status.NOT_FOUND,
    );
  });
});

describe("caches", () => {
  test("have their own configuration", async () => {
    const { caches, open } = await start({ bindings: ["a", "b"], config: { maxEntries: 1 } });
    await open("a").set("first", one);
    await open("a").set("second", one);
    await open("b").set("first", one);
    expect(await open("a").get("first")).toBeUndefined();
    expect(await open("b").get("first")).toEqual(one);
    expect(caches.statistics().get("a")).toMatchObject({
      entries: 1,
      sets: 2,
      evicted: 1,
      misses: 1,
    });
    expect(caches.statistics().get("b")).toMatchObject({ entries: 1, sets: 1, hits: 1 });
  });

  test("a wrong configuration is refused and leaves nothing", async () => {
    const directories: string[] = [];
    const options = {
      config: { maxByte: 1 },
      onDirectory: (path: string) => directories.push(path),
    };
    await expect(startEphemeralCache(options)).rejects.toThrow("maxByte");
    expect(directories).toEqual([]);
  });

  test.each([
    ["\ud800", 'prefix must be well-formed Unicode, without a lone surrogate (got "\\ud800")'],
    [5 as never, "prefix must be a string (got a number)"],
  ])("prefix %o is refused and leaves nothing", async (prefix, message) => {
    const directories: string[] = [];
    const options = { prefix, onDirectory: (path: string) => directories.push(path) };
    await expect(startEphemeralCache(options)).rejects.toThrow(message);
    expect(directories).toEqual([]);
  });

  test("a prefix is charged in the cache, and clients do not see it", async () => {
    const { caches, open } = await start({ prefix: "plugin", config: { maxEntryBytes: 20 } });
    const cache = open();
    await cache.set("key", one);
    expect(await cache.getMany(["key", "plugin:key"])).toEqual({ key: one });
    expect(await cache.touch("key", 5_000)).toBe(true);
    await expect(cache.set("key", new Uint8Array(11))).rejects.toThrow(/"plugin:key"/);
    expect(await cache.delete("key")).toBe(true);
    expect(caches.statistics().get("cache")).toMatchObject({ entries: 0, touches: 1 });
  });
});

describe("sockets", () => {
  test("are in a private directory, which close removes", async () => {
    const { caches } = await start({ bindings: ["a", "b"] });
    const path = caches.env["GESTALT_CACHE_SOCKET_A"] ?? "";
    expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
    await Promise.all([caches.close(), caches.close()]);
    expect(existsSync(dirname(path))).toBe(false);
  });

  test("are removed at the end of an await using", async () => {
    let path: string;
    {
      await using caches = await startEphemeralCache();
      path = caches.env["GESTALT_CACHE_SOCKET"] ?? "";
      expect(existsSync(path)).toBe(true);
    }
    expect(existsSync(path)).toBe(false);
  });

  test("directories of killed processes are removed, and others stay", async () => {
    const parent = tempDirectory();
    const make = (name: string): string => {
      mkdirSync(join(parent, name));
      return join(parent, name);
    };
    const dead = make("gestalt-caches-dead");
    const source = `require("node:net").createServer().listen(${JSON.stringify(join(dead, "0.sock"))}, () => process.kill(process.pid, "SIGKILL"))`;
    spawnSync(process.execPath, ["-e", source]);
    expect(existsSync(join(dead, "0.sock"))).toBe(true);
    const old = make("gestalt-caches-old");
    utimesSync(old, 0, 0);
    const young = make("gestalt-caches-young");
    const other = make("something-else");
    utimesSync(other, 0, 0);
    const file = make("gestalt-caches-file");
    writeFileSync(join(file, "notes.txt"), "");
    const alive = make("gestalt-caches-alive");
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(alive, "0.sock"), resolve));
    onTestFinished(() => void server.close());

    await sweepSocketDirectories(parent);

    const present = [dead, old, young, other, alive, file].map((path) => existsSync(path));
    expect(present).toEqual([false, false, true, true, true, true]);
  });
});
