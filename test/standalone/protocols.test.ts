import { createClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import { describe, expect, test } from "vitest";
import { Cache } from "../../src/rpc/gen/gestalt/provider/v1/cache_pb.js";
import { Health } from "../../src/rpc/gen/grpc/health/v1/health_pb.js";
import { grpcRequestFields } from "../abuse/support/http2-frames.js";
import { openRawHeaderClient } from "../abuse/support/raw-headers.js";
import { createGrpcClient } from "../support/grpc-client.js";
import {
  connectTo,
  requestHttp1,
  requestHttp2,
  type HttpRequest,
} from "../support/http-request.js";
import { serveStandalone } from "../support/standalone.js";

const LOOPBACK = { kind: "tcp", host: "127.0.0.1", port: 0 } as const;

type MakeTransport = (baseUrl: string) => Transport;

const TRANSPORTS: readonly (readonly [string, MakeTransport])[] = [
  ["Connect, HTTP/1.1", (baseUrl) => createConnectTransport({ baseUrl, httpVersion: "1.1" })],
  ["Connect, HTTP/2", (baseUrl) => createConnectTransport({ baseUrl, httpVersion: "2" })],
  [
    "Connect, JSON, HTTP/1.1",
    (baseUrl) => createConnectTransport({ baseUrl, httpVersion: "1.1", useBinaryFormat: false }),
  ],
  ["gRPC-Web, HTTP/1.1", (baseUrl) => createGrpcWebTransport({ baseUrl, httpVersion: "1.1" })],
  ["gRPC-Web, HTTP/2", (baseUrl) => createGrpcWebTransport({ baseUrl, httpVersion: "2" })],
];

describe.each(TRANSPORTS)("%s", (_, makeTransport) => {
  test("serves calls, errors and streams", async () => {
    const { server, target } = await serveStandalone({ address: LOOPBACK });
    const transport = makeTransport(`http://${target}`);
    const cache = createClient(Cache, transport);
    const value = new Uint8Array([0, 255, 10]);
    await cache.set({ key: "é\0", value, ttl: { seconds: 60n } });
    expect((await cache.get({ key: "é\0" })).value).toEqual(value);
    await cache.set({ key: "\uFEFFé", value });
    const grpc = createGrpcClient(target, "Cache");
    const keys = ["é", "\uFEFFé", "\uFEFF\uFEFFé"];
    const { reply } = await grpc.call("GetMany", { keys });
    grpc.close();
    expect(reply).toMatchObject({
      entries: keys.map((key, index) => ({ key, found: index === 1 })),
    });
    expect((await cache.deleteMany({ keys })).deleted).toBe(1n);
    await expect(cache.set({ key: "a", ttl: { seconds: -1n } })).rejects.toThrow(
      "[invalid_argument] ttl must be >= 0",
    );

    const seen: number[] = [];
    for await (const { status } of createClient(Health, transport).watch({ service: "" })) {
      if (seen.push(status) === 1) void server.close();
    }
    expect(seen).toEqual([1, 2]);
  });
});

test.each(["localhost", "tmp%2Fx.sock", "[::1"])(
  "calls and streams without :authority are served, with host: %j",
  async (host) => {
    const { place } = await serveStandalone();
    const client = await openRawHeaderClient(connectTo(place));
    for (const path of [
      "/gestalt.provider.v1.Cache/Get",
      "/grpc.health.v1.Health/Check",
      "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    ]) {
      const fields = grpcRequestFields(path).filter(([name]) => name !== ":authority");
      const body = Buffer.alloc(path.endsWith("Info") ? 0 : 5);
      expect((await client.call([...fields, ["host", host]], body)).status).toBe("0");
    }
  },
);

test("all protocols serve the same cache", async () => {
  const { place, target } = await serveStandalone();
  const grpc = createGrpcClient(target, "Cache");
  await grpc.call("Set", { key: "a", value: Buffer.from("one") });
  grpc.close();
  const get = {
    path: "/gestalt.provider.v1.Cache/Get",
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"key":"a"}',
  };
  const found = { status: 200, body: JSON.stringify({ found: true, value: btoa("one") }) };
  expect(await requestHttp1(place, get)).toMatchObject(found);
  expect(await requestHttp2(place, get)).toMatchObject(found);
});

/** Requests that are no calls, and the status that answers them. */
const OTHERS: readonly (readonly [HttpRequest, number])[] = [
  [{ path: "/metrics" }, 200],
  [{ path: "/metrics?x=1" }, 200],
  [{ path: "/metrics", method: "HEAD" }, 200],
  [{ path: "/metrics", method: "POST", body: "x" }, 404],
  [{ path: "/" }, 404],
  [{ path: "//" }, 404],
  [{ path: "/x", method: "HEAD" }, 404],
  [{ path: "/gestalt.provider.v1.Cache/Get" }, 404],
  [{ path: "/x", method: "DELETE" }, 405],
  [{ path: "/x", method: "OPTIONS" }, 405],
  [{ path: "/gestalt.provider.v1.Cache/Nope", method: "POST" }, 404],
  [{ path: "/gestalt.provider.v1.ProviderLifecycle/ConfigureProvider", method: "POST" }, 404],
  [{ path: "/gestalt.provider.v1.Cache/Get?%zz#x", method: "POST", body: "{}" }, 415],
  [{ path: "/gestalt.provider.v1.Cache/Get", method: "POST", headers: { host: "[::1" } }, 415],
];

describe.each([
  ["HTTP/1.1", requestHttp1],
  ["HTTP/2", requestHttp2],
] as const)("%s", (version, request) => {
  test.each(OTHERS)("%j gets %i", async (asked, status) => {
    const { place, logged } = await serveStandalone();
    const { headers = {}, ...rest } = asked;
    const sent =
      version === "HTTP/2" && "host" in headers ? { ":authority": headers.host } : headers;
    const answer = await request(place, { ...rest, headers: sent });
    expect(answer.status).toBe(status);
    if (asked.method === "HEAD") expect(answer.body).toBe("");
    expect(logged()).not.toContain("ERROR");
  });
});

test("metrics are served over HTTP/1.1 and HTTP/2", async () => {
  const { place } = await serveStandalone();
  const answer = await requestHttp1(place, { path: "/metrics" });
  expect(answer.headers["content-type"]).toBe("text/plain; version=0.0.4; charset=utf-8");
  expect(answer.headers["content-length"]).toBe(String(answer.body.length));
  expect(answer.body).toContain('gestalt_cache_server_info{version="1.2.3"} 1\n');
});

// Replaced by U+FFFD, these would all be the same key.
const NOT_UTF8 = [
  ["a lone byte", "ff"],
  ["half a character", "c3"],
  ["an overlong character", "c080"],
  ["half a surrogate pair", "eda080"],
] as const;

describe.each([
  ["HTTP/1.1", requestHttp1],
  ["HTTP/2", requestHttp2],
] as const)("JSON over %s", (_version, request) => {
  test.each(NOT_UTF8)("that is not UTF-8 is refused: %s", async (_title, hex) => {
    const { place } = await serveStandalone();
    const call = (method: string, body: Buffer): ReturnType<typeof request> =>
      request(place, {
        path: `/gestalt.provider.v1.Cache/${method}`,
        method: "POST",
        headers: { "content-type": "application/json" },
        body,
      });
    const key = Buffer.concat([Buffer.from('"'), Buffer.from(hex, "hex"), Buffer.from('"')]);
    const answers = [
      await call("Set", Buffer.concat([Buffer.from('{"key":'), key, Buffer.from("}")])),
      await call("GetMany", Buffer.concat([Buffer.from('{"keys":["a",'), key, Buffer.from("]}")])),
    ];
    for (const { status, body } of answers) {
      expect([status, JSON.parse(body)]).toEqual([
        400,
        { code: "invalid_argument", message: "request in JSON is not valid UTF-8" },
      ]);
    }
  });
});
