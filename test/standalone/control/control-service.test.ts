import http from "node:http";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import * as grpc from "@grpc/grpc-js";
import { describe, expect, onTestFinished, test } from "vitest";
import { DEFAULT_MEMORY_CACHE_CONFIG } from "../../../src/memory/config/memory-cache-config.js";
import { Cache } from "../../../src/client/cache.js";
import { Control } from "../../../src/rpc/gen/gestalt_cache_memory/v1/control_pb.js";
import { createCacheRoutes } from "../../../src/standalone/cache-routes.js";
import { ControlledCache } from "../../../src/standalone/control/controlled-cache.js";
import { createControlRoute } from "../../../src/standalone/control/control-service.js";
import { startEphemeralCache } from "../../../src/standalone/ephemeral-cache.js";
import type { ListenAddress } from "../../../src/server/listen/listen-address.js";
import { createLog } from "../../../src/standalone/log.js";
import { startStandaloneServer } from "../../../src/standalone/standalone-server.js";
import { until } from "../../support/child-process.js";
import { callUnary, startStreamingCall } from "../../support/grpc-services.js";
import { connectTo, requestHttp1, requestHttp2, type Place } from "../../support/http-request.js";
import { tempSocketPath } from "../../support/temp-directory.js";

const CONTROL = "gestalt_cache_memory.v1.Control";
const UNIMPLEMENTED = 12;

/** Calls a method with JSON over HTTP/1.1, as curl does. */
async function json(
  place: Place,
  method: string,
  request: object = {},
  headers: Record<string, string> = {},
): Promise<{ status: number; reply: Record<string, unknown> }> {
  const answer = await requestHttp1(place, {
    path: `/${CONTROL}/${method}`,
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(request),
  });
  return { status: answer.status, reply: JSON.parse(answer.body) as Record<string, unknown> };
}

async function start(options?: Parameters<typeof startEphemeralCache>[0]): Promise<{
  place: { socketPath: string };
  target: string;
  cache: Cache;
  env: Readonly<Record<string, string>>;
}> {
  const caches = await startEphemeralCache(options);
  const { env } = caches;
  const socketPath = env["GESTALT_CACHE_SOCKET"] ?? env["GESTALT_HOST_SERVICE_SOCKET"] ?? "";
  const cache = new Cache("", { target: socketPath });
  onTestFinished(async () => {
    await cache.close();
    await caches.close();
  });
  return { place: { socketPath }, target: `unix://${socketPath}`, cache, env };
}

test("the clock is advanced, resumed and frozen in JSON over HTTP/1.1", async () => {
  const { place, cache } = await start({ clock: "manual" });
  await cache.set("key", Uint8Array.of(1), { ttlMs: 1_000 });
  const advanced = await json(place, "AdvanceClock", { duration: "31536000.5s" });
  expect(advanced).toEqual({
    status: 200,
    reply: {
      clock: { frozen: true, elapsed: "31536000.500s", advanced: "31536000.500s" },
      expired: "1",
    },
  });
  expect((await json(place, "ResumeClock")).reply["clock"]).not.toHaveProperty("frozen");
  expect((await json(place, "FreezeClock")).reply["clock"]).toHaveProperty("frozen", true);
  expect((await json(place, "GetClock")).reply["clock"]).toHaveProperty("frozen", true);
});

test.each([
  [{}, 'duration is required, such as "300s" in JSON'],
  [{ duration: "-1s" }, "duration must be >= 0 (got -1 s and 0 ns)"],
])("AdvanceClock %j is refused", async (request, message) => {
  const { place } = await start();
  expect(await json(place, "AdvanceClock", request)).toEqual({
    status: 400,
    reply: { code: "invalid_argument", message },
  });
});

test.each([
  [{}, "rule is required"],
  [{ rule: {} }, "needs one of fail, lose_reply, miss and delay"],
  [{ rule: { fail: { code: "lost" } } }, 'code "lost" is no way to fail'],
  [{ rule: { miss: {}, methods: ["Set"] } }, "set cannot miss"],
  [{ rule: { delay: "-1s" } }, "delay must be >= 0"],
  [{ rule: { fail: {}, times: 0 } }, "times must be a whole number above 0"],
])("AddFault %j is refused", async (request, message) => {
  const { place } = await start();
  const { status, reply } = await json(place, "AddFault", request);
  expect(status).toBe(400);
  expect(reply["message"]).toContain(message);
});

test("every part of a rule comes back from grpc-js as it was sent", async () => {
  const { target } = await start();
  const rule = {
    methods: ["Get", "GetMany"],
    key_prefix: "user:",
    lose_reply: { code: "aborted", message: "text" },
    skip: 1,
    times: 2,
    probability: 0.25,
    seed: 7,
  };
  const added = await callUnary(target, CONTROL, "AddFault", { rule });
  expect(added.reply?.["fault"]).toMatchObject({ id: 1, rule });
  const delay = { delay: { seconds: 1, nanos: 500_000_000 } };
  await callUnary(target, CONTROL, "AddFault", { rule: delay });
  const { reply } = await callUnary(target, CONTROL, "ListFaults", {});
  expect(reply?.["faults"]).toMatchObject([{ rule }, { id: 2, rule: { skip: 0 } }]);
  const cleared = await callUnary(target, CONTROL, "ClearFaults", { ids: [2] });
  expect(cleared.reply?.["faults"]).toHaveLength(1);
  await callUnary(target, CONTROL, "ClearFaults", {});
  expect((await callUnary(target, CONTROL, "ListFaults", {})).reply?.["faults"]).toEqual([]);
});

describe("Control", () => {
  test("lists entries in pages from either end, with and without values", async () => {
    const seed = Array.from({ length: 250 }, (_, index) => ({ key: `k${index}`, value: "v" }));
    const { place } = await start({ seed, clock: "manual" });
    const list = async (request: object): Promise<[string[], string]> => {
      const { reply } = await json(place, "ListEntries", request);
      const entries = (reply["entries"] ?? []) as { key: string }[];
      return [entries.map(({ key }) => key), (reply["nextPageToken"] ?? "") as string];
    };
    const keys = seed.map(({ key }) => key);
    expect(await list({})).toEqual([keys.slice(0, 100), "100"]);
    expect(await list({ pageToken: "100" })).toEqual([keys.slice(100, 200), "200"]);
    expect(await list({ pageToken: "200" })).toEqual([keys.slice(200), ""]);
    expect(await list({ pageSize: 250 })).toEqual([keys, ""]);
    expect(await list({ newestFirst: true, pageSize: 2 })).toEqual([["k249", "k248"], "2"]);
    const [withPrefix, next] = await list({ prefix: "k1", pageSize: 3 });
    expect(withPrefix).toEqual(["k1", "k10", "k11"]);
    expect((await list({ prefix: "k1", pageSize: 2, pageToken: next }))[0]).toEqual(["k12", "k13"]);
    const one = await json(place, "ListEntries", { pageSize: 1, withValues: true });
    expect(one.reply["entries"]).toEqual([{ key: "k0", size: "3", charge: "268", value: "dg==" }]);
  });

  test("limits a page with values to about a mebibyte", async () => {
    const value = new Uint8Array(400_000);
    const seed = Array.from({ length: 7 }, (_, index) => ({ key: String(index), value }));
    const { target } = await start({ seed });
    const sizes: number[] = [];
    let token: unknown = "";
    do {
      const request = { with_values: true, page_token: token };
      const { reply } = await callUnary(target, CONTROL, "ListEntries", request);
      sizes.push((reply?.["entries"] as unknown[]).length);
      token = reply?.["next_page_token"];
    } while (token !== "");
    expect(sizes).toEqual([2, 2, 2, 1]);
  });

  test.each([
    [{ pageSize: 10_001 }, "page_size must be at most 10000 (got 10001)"],
    [{ pageToken: "x" }, "page_token must be the next_page_token of an earlier page"],
  ])("refuses the ListEntries request %j", async (request, message) => {
    const { place } = await start();
    expect((await json(place, "ListEntries", request)).reply["message"]).toBe(message);
  });

  test("peeks at an entry without a use, a hit or a miss", async () => {
    const { place, cache } = await start({
      seed: [
        { key: "a", value: "text", ttlMs: 5_000 },
        { key: "b", value: "" },
      ],
      config: { maxEntries: 2 },
      clock: "manual",
    });
    expect((await json(place, "PeekEntry", { key: "a" })).reply).toEqual({
      entry: { key: "a", size: "5", charge: "367", ttl: "5s", value: "dGV4dA==" },
    });
    expect((await json(place, "PeekEntry", { key: "c" })).reply).toEqual({});
    await cache.set("c", Uint8Array.of(1));
    expect((await json(place, "PeekEntry", { key: "a" })).reply).toEqual({});
  });
});

test("Reset removes entries and recorded calls", async () => {
  const { place, cache } = await start({ seed: [{ key: "a", value: "" }] });
  await cache.get("a");
  expect((await json(place, "Reset")).reply).toEqual({ entries: "1" });
  await cache.get("a");
  await cache.get("b");
  const { reply } = await json(place, "ListCalls", { limit: 1 });
  expect(reply["calls"]).toMatchObject([
    { method: "Get", keys: ["b"], keyCount: "1", misses: "1", status: "ok" },
  ]);
  expect((await json(place, "ListCalls")).reply["calls"]).toHaveLength(2);
});

describe("WatchCalls", () => {
  test("sends each call to grpc-js, and ends with the server", async () => {
    const caches = await startEphemeralCache();
    onTestFinished(() => caches.close());
    const target = `unix://${caches.env["GESTALT_CACHE_SOCKET"] ?? ""}`;
    const watch = startStreamingCall(target, CONTROL, "WatchCalls", {});
    await until(() => watch.replies.length === 1);
    expect(watch.replies[0]?.["call"]).toBeNull();
    await using cache = new Cache("", { environment: caches.env });
    await cache.set("key", Uint8Array.of(1, 2));
    await until(() => watch.replies.length === 2);
    expect(watch.replies[1]?.["call"]).toMatchObject({
      method: "Set",
      keys: ["key"],
      status: "ok",
    });
    expect(JSON.stringify(watch.replies)).not.toContain("value");
    await caches.close();
    expect((await watch.ended).code).toBe(grpc.status.OK);
  });

  test.each(["1.1", "2"] as const)("works with Connect over HTTP/%s", async (httpVersion) => {
    const { place, cache } = await start();
    const nodeOptions = { socketPath: place.socketPath };
    const transport =
      httpVersion === "1.1"
        ? createConnectTransport({ baseUrl: "http://localhost", httpVersion, nodeOptions })
        : createGrpcTransport({
            baseUrl: "http://localhost",
            nodeOptions: { createConnection: () => connectTo(place) },
          });
    const ended = new AbortController();
    const seen: (string | undefined)[] = [];
    for await (const { call } of createClient(Control, transport).watchCalls({}, ended)) {
      seen.push(call?.keys[0]);
      if (seen.length === 3) break;
      await cache.get(`key ${seen.length}`);
    }
    ended.abort();
    expect(seen).toEqual([undefined, "key 1", "key 2"]);
  });

  test("without calls to send, over HTTP/1.1, delays no call", async () => {
    const { place } = await start();
    const frame = Buffer.from([0, 0, 0, 0, 2, 0x7b, 0x7d]);
    const watches = Array.from({ length: 10 }, () => {
      const request = http.request({
        ...place,
        path: `/${CONTROL}/WatchCalls`,
        method: "POST",
        headers: { "content-type": "application/connect+json" },
        agent: false,
      });
      request.on("error", () => {}).end(frame);
      onTestFinished(() => void request.destroy());
      return new Promise((resolve) => {
        request.once("response", (response) => response.once("data", resolve));
      });
    });
    await Promise.all(watches);
    expect((await json(place, "GetClock")).status).toBe(200);
  });
});

test("the header selects one of several bindings", async () => {
  const { place, env } = await start({ bindings: ["a", "b"], clock: "manual" });
  const none = await json(place, "GetClock");
  expect(none).toMatchObject({ status: 400, reply: { code: "invalid_argument" } });
  const unknown = await json(place, "GetClock", {}, { "x-gestalt-host-binding": "c" });
  expect(unknown).toMatchObject({ status: 404, reply: { code: "not_found" } });
  await json(place, "AdvanceClock", { duration: "5s" }, { "x-gestalt-host-binding": "b" });
  const own = { socketPath: env["GESTALT_CACHE_SOCKET_B"] ?? "" };
  expect((await json(own, "GetClock")).reply["clock"]).toHaveProperty("elapsed", "5s");
  const other = { socketPath: env["GESTALT_CACHE_SOCKET_A"] ?? "" };
  expect((await json(other, "GetClock")).reply["clock"]).toHaveProperty("elapsed", "0s");
  const metadata = new grpc.Metadata();
  metadata.set("x-gestalt-host-binding", "b");
  const target = `unix://${place.socketPath}`;
  const watch = startStreamingCall(target, CONTROL, "WatchCalls", {}, metadata);
  await until(() => watch.replies.length === 1);
  watch.cancel();
  const refused = await startStreamingCall(target, CONTROL, "WatchCalls", {}).ended;
  expect(refused.code).toBe(grpc.status.INVALID_ARGUMENT);
});

describe("Control on a server", () => {
  async function serve(
    address: ListenAddress,
    options: { token?: string; controlOnTcp?: boolean } = {},
  ): Promise<Place> {
    const cache = new ControlledCache({ config: DEFAULT_MEMORY_CACHE_CONFIG });
    const server = await startStandaloneServer({
      endpoints: [
        {
          routes: createCacheRoutes(cache),
          control: createControlRoute(cache, () => {}),
          addresses: [address],
        },
      ],
      caches: [],
      version: "1.2.3",
      log: createLog({ level: "error", format: "text", output: () => {} }),
      ...options,
    });
    onTestFinished(() => server.close());
    const bound = server.addresses[0]?.[0];
    if (bound === undefined) throw new Error("it listens nowhere");
    return bound.kind === "unix" ? { socketPath: bound.path } : { port: bound.port };
  }
  const tcp = { kind: "tcp", host: "127.0.0.1", port: 0 } as const;
  const unix = (): ListenAddress => ({ kind: "unix", path: tempSocketPath() });

  test("is served on Unix sockets, and on TCP only with controlOnTcp", async () => {
    expect((await json(await serve(unix()), "GetClock")).status).toBe(200);
    const place = await serve(tcp);
    expect((await json(place, "GetClock")).reply).toMatchObject({ code: "unimplemented" });
    const target = `127.0.0.1:${"port" in place ? place.port : 0}`;
    expect((await callUnary(target, CONTROL, "GetClock", {})).code).toBe(UNIMPLEMENTED);
    expect((await json(await serve(tcp, { controlOnTcp: true }), "GetClock")).status).toBe(200);
  });

  test("fails to list calls that are not recorded", async () => {
    const { reply } = await json(await serve(unix()), "ListCalls");
    expect(reply).toMatchObject({ code: "failed_precondition" });
    expect(reply["message"]).toContain("start serve with --record");
  });

  test("refuses pages of another origin and requests for another host", async () => {
    const place = await serve(tcp, { controlOnTcp: true });
    const origin = { origin: "https://evil.example" };
    expect(await json(place, "Reset", {}, origin)).toMatchObject({ status: 403 });
    expect(await json(place, "Reset", {}, { host: "evil.example" })).toMatchObject({
      status: 403,
      reply: { code: "permission_denied" },
    });
    const path = `/${CONTROL}/Reset`;
    const headers = { ":authority": "evil.example", "content-type": "application/json" };
    const answer = await requestHttp2(place, { path, method: "POST", headers, body: "{}" });
    expect(answer.status).toBe(403);
    for (const host of ["localhost", "127.0.0.1:80", "[::1]"]) {
      expect(await json(place, "GetClock", {}, { host })).toMatchObject({ status: 200 });
    }
  });

  test("serves only requests with the token", async () => {
    const place = await serve(unix(), { token: "secret" });
    expect(await json(place, "GetClock")).toMatchObject({ status: 401 });
    const wrong = { authorization: "Bearer wrong" };
    expect(await json(place, "GetClock", {}, wrong)).toMatchObject({ status: 401 });
    const right = { authorization: "Bearer secret" };
    expect(await json(place, "GetClock", {}, right)).toMatchObject({ status: 200 });
  });
});

test("delayed calls in JSON do not keep Control from ending the delay", async () => {
  const { place } = await start({ faults: [{ delayMs: 60_000 }] });
  const gets = Array.from({ length: 6 }, () =>
    requestHttp1(place, {
      path: "/gestalt.provider.v1.Cache/Get",
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"key":"a"}',
    }),
  );
  // As many as are handled at a time; the others wait for them.
  const applied = async (): Promise<unknown> => {
    const { reply } = await json(place, "ListFaults");
    return (reply["faults"] as { applied?: number }[])[0]?.applied;
  };
  await expect.poll(applied).toBe("4");
  expect(await json(place, "Reset")).toMatchObject({ status: 200 });
  expect((await Promise.all(gets)).map(({ status }) => status)).toEqual(
    expect.arrayContaining([503, 503, 503, 503]),
  );
});

/** Each is 25 kB when it is watched: together they are more than all replies may hold, 64 MiB. */
const WATCHED_CALLS = 2_800;

test(
  "a client that watches and reads all calls takes no memory from other clients",
  { timeout: 60_000 },
  async () => {
    const { place, cache } = await start();
    const socket = connectTo(place);
    onTestFinished(() => void socket.destroy());
    let receivedBytes = 0;
    socket.on("data", (chunk: Buffer) => (receivedBytes += chunk.length));
    const body = "\0\0\0\0\x02{}";
    socket.write(
      `POST /${CONTROL}/WatchCalls HTTP/1.1\r\nhost: localhost\r\n` +
        `content-type: application/connect+json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    await until(() => receivedBytes > 0);
    const keys = Array.from({ length: 100 }, (_, index) => `${index}`.padStart(256, "k"));
    for (let call = 0; call < WATCHED_CALLS; call += 100) {
      await Promise.all(Array.from({ length: 100 }, () => cache.getMany(keys)));
    }
    await until(() => receivedBytes > WATCHED_CALLS * 25_000);
    expect(await json(place, "GetClock")).toMatchObject({ status: 200 });
    const large = await requestHttp1(place, {
      path: "/gestalt.provider.v1.Cache/Get",
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"key":"a"}',
    });
    expect(large.status).toBe(200);
  },
);
