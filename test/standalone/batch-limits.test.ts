import { Code, createClient, type Transport } from "@connectrpc/connect";
import {
  compressionGzip,
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import { describe, expect, test } from "vitest";
import {
  MAX_BATCH_ENTRIES,
  MAX_GET_MANY_KEYS,
  MAX_JSON_BATCH_ENTRIES,
  MAX_JSON_VALUES,
} from "../../src/rpc/batch-limits.js";
import { Cache } from "../../src/rpc/gen/gestalt/provider/v1/cache_pb.js";
import { requestHttp1, requestHttp2 } from "../support/http-request.js";
import { exchange, frame, grpcHeaders, grpcStatus, openSession } from "../support/raw-http2.js";
import { serve } from "../support/serve.js";
import { serveStandalone } from "../support/standalone.js";

const LOOPBACK = { kind: "tcp", host: "127.0.0.1", port: 0 } as const;
const GZIP = { sendCompression: compressionGzip, compressMinBytes: 0 };

type MakeTransport = (baseUrl: string) => Transport;

/** Each protocol that Connect carries, with its limit of SetMany and DeleteMany. */
const THROUGH_CONNECT: readonly (readonly [string, number, MakeTransport])[] = [
  [
    "Connect, HTTP/1.1",
    MAX_BATCH_ENTRIES,
    (baseUrl) => createConnectTransport({ baseUrl, httpVersion: "1.1" }),
  ],
  [
    "JSON, HTTP/1.1",
    MAX_JSON_BATCH_ENTRIES,
    (baseUrl) => createConnectTransport({ baseUrl, httpVersion: "1.1", useBinaryFormat: false }),
  ],
  [
    "JSON, gzip, HTTP/2",
    MAX_JSON_BATCH_ENTRIES,
    (baseUrl) =>
      createConnectTransport({ baseUrl, httpVersion: "2", useBinaryFormat: false, ...GZIP }),
  ],
  [
    "gRPC-Web, HTTP/2",
    MAX_BATCH_ENTRIES,
    (baseUrl) => createGrpcWebTransport({ baseUrl, httpVersion: "2" }),
  ],
  [
    "gRPC-Web in JSON",
    MAX_JSON_BATCH_ENTRIES,
    (baseUrl) => createGrpcWebTransport({ baseUrl, httpVersion: "1.1", useBinaryFormat: false }),
  ],
  ["gRPC, gzip", MAX_BATCH_ENTRIES, (baseUrl) => createGrpcTransport({ baseUrl, ...GZIP })],
  [
    "gRPC in JSON",
    MAX_JSON_BATCH_ENTRIES,
    (baseUrl) => createGrpcTransport({ baseUrl, useBinaryFormat: false }),
  ],
];

const keys = (count: number): string[] => Array.from({ length: count }, (_, index) => `${index}`);
const entries = (count: number): { key: string }[] => keys(count).map((key) => ({ key }));

test.each(THROUGH_CONNECT)("batches are limited in %s", async (_title, max, makeTransport) => {
  const { target } = await serveStandalone({ address: LOOPBACK });
  const cache = createClient(Cache, makeTransport(`http://${target}`));
  const maxKeys = MAX_GET_MANY_KEYS;

  expect((await cache.getMany({ keys: keys(maxKeys) })).entries).toHaveLength(maxKeys);
  await cache.setMany({ entries: entries(max) });
  expect((await cache.deleteMany({ keys: keys(max) })).deleted).toBe(BigInt(max));

  const refusal = (limit: number): unknown =>
    expect.objectContaining({
      code: Code.ResourceExhausted,
      rawMessage: `batch has more than ${limit} entries: send fewer per call`,
    });
  await expect(cache.getMany({ keys: keys(maxKeys + 1) })).rejects.toEqual(refusal(maxKeys));
  await expect(cache.setMany({ entries: entries(max + 1) })).rejects.toEqual(refusal(max));
  await expect(cache.deleteMany({ keys: keys(max + 1) })).rejects.toEqual(refusal(max));
});

test.each([
  ["GetMany", MAX_GET_MANY_KEYS],
  ["SetMany", MAX_BATCH_ENTRIES],
  ["DeleteMany", MAX_BATCH_ENTRIES],
])("a batch is limited in plain gRPC: %s, %i", async (method, max) => {
  const { path } = await serve();
  const session = openSession(path);
  const call = async (count: number): Promise<ReturnType<typeof grpcStatus>> => {
    const headers = grpcHeaders(`/gestalt.provider.v1.Cache/${method}`);
    const body = Buffer.alloc(2 * count, Buffer.of(0x0a, 0));
    return grpcStatus(await exchange(session, { headers, body: [frame(body)] }));
  };
  expect(await call(max)).toEqual({ code: "0", message: "" });
  expect(await call(max + 1)).toEqual({
    code: "8",
    message: `batch has more than ${max} entries: send fewer per call`,
  });
});

const MIB = 2 ** 20;

/** What fills a request in JSON, and what is said of it. */
const FULL_OF: readonly (readonly [string, string, string, RegExp])[] = [
  ["keys", "GetMany", `{"keys":[${'"abc",'.repeat(690_000)}""]}`, /batch has more than/],
  ["empty keys", "DeleteMany", `{"keys":[${'"",'.repeat(MIB)}""]}`, /batch has more than/],
  ["entries", "SetMany", `{"entries":[${"{},".repeat(MIB)}{}]}`, /batch has more than/],
  ["lists that nothing asks for", "Get", `{"x":[${"[],".repeat(MIB)}[]]}`, /more than/],
  ["nested lists", "Get", `{"x":${"[".repeat(MIB)}${"]".repeat(MIB)}}`, /values in JSON/],
  [
    "members that nothing asks for",
    "Get",
    `{${keys(300_000)
      .map((key) => `"${key}":0`)
      .join(",")}}`,
    /values in JSON/,
  ],
  [
    "members of one entry",
    "SetMany",
    `{"entries":[{${keys(300_000)
      .map((key) => `"${key}":0`)
      .join(",")}}]}`,
    /values in JSON/,
  ],
];

describe.each([
  ["HTTP/1.1", requestHttp1],
  ["HTTP/2", requestHttp2],
] as const)("%s", (_version, request) => {
  test.each(FULL_OF)(
    "a request in JSON full of %s is refused",
    async (_, method, body, message) => {
      const { place } = await serveStandalone();
      const answer = await request(place, {
        path: `/gestalt.provider.v1.Cache/${method}`,
        method: "POST",
        headers: { "content-type": "application/json" },
        body,
      });
      expect(answer.status).toBe(429);
      expect(JSON.parse(answer.body)).toEqual({
        code: "resource_exhausted",
        message: expect.stringMatching(message) as string,
      });
    },
  );

  test("the text of a string in JSON does not count", async () => {
    const { place } = await serveStandalone();
    const key = ',[{"\\'.repeat(MAX_JSON_VALUES);
    const call = (method: string, message: object): ReturnType<typeof request> =>
      request(place, {
        path: `/gestalt.provider.v1.Cache/${method}`,
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(message),
      });
    expect(await call("Set", { key, value: "AA==" })).toMatchObject({ status: 200 });
    expect(await call("GetMany", { keys: [key, "a"] })).toMatchObject({
      status: 200,
      body: JSON.stringify({ entries: [{ key, found: true, value: "AA==" }, { key: "a" }] }),
    });
  });
});
