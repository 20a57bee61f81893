import { createServer } from "node:http2";
import { gzipSync } from "node:zlib";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { create, toBinary, type DescMessage, type MessageInitShape } from "@bufbuild/protobuf";
import { EmptySchema } from "@bufbuild/protobuf/wkt";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { OutgoingHttpHeaders, ServerHttp2Session } from "node:http2";
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CacheError } from "../../src/contract/cache-error.js";
import {
  CacheGetManyRequestSchema,
  CacheGetRequestSchema,
  CacheSetManyRequestSchema,
  CacheSetRequestSchema,
} from "../../src/rpc/gen/gestalt/provider/v1/cache_pb.js";
import { createProviderServices } from "../../src/rpc/provider-services.js";
import { startProviderServer } from "../../src/server/provider-server.js";
import { createMapProvider } from "../support/map-provider.js";
import { exchange, frame, grpcHeaders, grpcStatus, openSession } from "../support/raw-http2.js";

const CACHE = "/gestalt.provider.v1.Cache";
const GET = `${CACHE}/Get`;
const LIMIT = 50_000;

/** One request, sent alike to every server. */
interface Row {
  readonly title: string;
  readonly headers: OutgoingHttpHeaders;
  readonly body?: readonly Buffer[];
  /** How Connect's bare adapter answers where ours do otherwise, and why ours do. */
  readonly bareConnect?: { readonly status: string; readonly why: string };
  /** The gRPC status, or the HTTP status if that is not 200. */
  readonly status: string;
}

const message = (schema: DescMessage, init: object): Buffer =>
  Buffer.from(toBinary(schema, create(schema, init as MessageInitShape<DescMessage>)));

const get = frame(message(CacheGetRequestSchema, { key: "k" }));
const getMissing = frame(message(CacheGetRequestSchema, { key: "missing" }));
const set = (bytes: number): Buffer =>
  frame(message(CacheSetRequestSchema, { key: "s", value: Buffer.alloc(bytes, 1) }));
const pieces = (bytes: Buffer): Buffer[] => Array.from(bytes, (byte) => Buffer.of(byte));
const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

const notTheServersFault = "a request that does not decode is the caller's fault, not the server's";
const grpcAnswers = "a gRPC client gets a gRPC status, not an HTTP one to guess it from";

const ROWS: Row[] = [
  { title: "a key that is there", headers: grpcHeaders(GET), body: [get], status: "0" },
  {
    title: "keys with a byte order mark, of which only one is there",
    headers: grpcHeaders(`${CACHE}/GetMany`),
    body: [frame(message(CacheGetManyRequestSchema, { keys: ["\uFEFFk", "k"] }))],
    status: "0",
    bareConnect: {
      status: "0",
      why: "Connect's decoder leaves the mark out and makes one key of two",
    },
  },
  { title: "a key that is not", headers: grpcHeaders(GET), body: [getMissing], status: "0" },
  {
    title: "the same as application/grpc+proto",
    headers: grpcHeaders(GET, { "content-type": "application/grpc+proto" }),
    body: [get],
    status: "0",
  },
  {
    title: "the same in capitals",
    headers: grpcHeaders(GET, { "content-type": "Application/GRPC" }),
    body: [get],
    status: "0",
  },
  {
    title: "no te: trailers",
    headers: { ...grpcHeaders(GET), te: undefined },
    body: [get],
    status: "0",
  },
  {
    title: "encoding identity",
    headers: grpcHeaders(GET, { "grpc-encoding": "identity" }),
    body: [get],
    status: "0",
  },
  {
    title: "a client that accepts compression",
    headers: grpcHeaders(GET, { "grpc-accept-encoding": "identity,deflate,gzip" }),
    body: [get],
    status: "0",
  },
  { title: "byte by byte", headers: grpcHeaders(GET), body: pieces(get), status: "0" },
  {
    title: "with empty frames between",
    headers: grpcHeaders(GET),
    body: [Buffer.alloc(0), get.subarray(0, 3), Buffer.alloc(0), get.subarray(3), Buffer.alloc(0)],
    status: "0",
  },
  {
    title: "an empty message",
    headers: grpcHeaders(GET),
    body: [frame(Buffer.alloc(0))],
    status: "0",
  },
  {
    title: "an empty message in two pieces",
    headers: grpcHeaders(GET),
    body: [Buffer.alloc(2), Buffer.alloc(3)],
    status: "0",
  },
  {
    title: "unknown fields",
    headers: grpcHeaders(GET),
    body: [frame(Buffer.concat([Buffer.from("22017878ff07", "hex"), get.subarray(5)]))],
    status: "0",
  },
  {
    title: "the field of the key with another wire type before the key",
    headers: grpcHeaders(GET),
    body: [frame(Buffer.concat([Buffer.from("0805", "hex"), get.subarray(5)]))],
    status: "0",
    bareConnect: { status: "13", why: "a field of another wire type is an unknown field" },
  },
  {
    title: "the same, compressed",
    headers: grpcHeaders(GET, { "grpc-encoding": "gzip" }),
    body: [frame(gzipSync(Buffer.concat([Buffer.from("0805", "hex"), get.subarray(5)])), 1)],
    status: "0",
    bareConnect: { status: "13", why: "a field of another wire type is an unknown field" },
  },
  {
    title: "GetMany, duplicates and misses",
    headers: grpcHeaders(`${CACHE}/GetMany`),
    body: [frame(message(CacheGetManyRequestSchema, { keys: ["k", "", "x", "k"] }))],
    status: "0",
  },
  {
    title: "SetMany with a TTL",
    headers: grpcHeaders(`${CACHE}/SetMany`),
    body: [
      frame(
        message(CacheSetManyRequestSchema, {
          entries: [{ key: "a", value: Buffer.of(1) }],
          ttl: { seconds: 1n, nanos: 0 },
        }),
      ),
    ],
    status: "0",
  },
  {
    title: "a message of many frames",
    headers: grpcHeaders(`${CACHE}/Set`),
    body: [set(40_000)],
    status: "0",
  },
  {
    title: "a message in pieces of 7 bytes",
    headers: grpcHeaders(`${CACHE}/Set`),
    body: Array.from({ length: 100 }, (_, i) => set(600).subarray(i * 7, i * 7 + 7)),
    status: "0",
  },
  {
    title: "an error of the cache's own, with awkward characters",
    headers: grpcHeaders(`${CACHE}/Delete`),
    body: [frame(message(CacheGetRequestSchema, { key: "refuse" }))],
    status: "8",
  },
  {
    title: "an unexpected error",
    headers: grpcHeaders(`${CACHE}/Delete`),
    body: [frame(message(CacheGetRequestSchema, { key: "throw" }))],
    status: "13",
  },
  {
    title: "a negative TTL",
    headers: grpcHeaders(`${CACHE}/Set`),
    body: [frame(message(CacheSetRequestSchema, { key: "n", ttl: { seconds: -1n, nanos: 0 } }))],
    status: "3",
  },
  {
    title: "lifecycle",
    headers: grpcHeaders("/gestalt.provider.v1.ProviderLifecycle/GetProviderIdentity"),
    body: [frame(message(EmptySchema, {}))],
    status: "0",
  },

  { title: "no message", headers: grpcHeaders(GET), status: "12" },
  { title: "two messages", headers: grpcHeaders(GET), body: [get, get], status: "12" },
  {
    title: "two messages at once",
    headers: grpcHeaders(GET),
    body: [Buffer.concat([get, get])],
    status: "12",
  },
  { title: "half a prefix", headers: grpcHeaders(GET), body: [get.subarray(0, 3)], status: "3" },
  { title: "half a message", headers: grpcHeaders(GET), body: [get.subarray(0, 6)], status: "3" },
  {
    title: "a message and half a prefix",
    headers: grpcHeaders(GET),
    body: [get, get.subarray(0, 2)],
    status: "3",
  },
  {
    title: "a message and half another",
    headers: grpcHeaders(GET),
    body: [get, get.subarray(0, 6)],
    status: "3",
  },
  {
    title: "a message above the limit",
    headers: grpcHeaders(`${CACHE}/Set`),
    body: [set(LIMIT)],
    status: "8",
  },
  {
    title: "a declared length of 4 GiB",
    headers: grpcHeaders(GET),
    body: [frame(Buffer.alloc(4), 0, 0xffff_ffff)],
    status: "8",
  },
  {
    title: "a compressed message in a call without compression",
    headers: grpcHeaders(GET),
    body: [frame(gzipSync(get.subarray(5)), 1)],
    status: "13",
  },
  {
    title: "unknown flags",
    headers: grpcHeaders(GET),
    body: [frame(get.subarray(5), 2)],
    status: "13",
    bareConnect: { status: "0", why: "flags that nobody has defined may mean anything" },
  },
  {
    title: "bytes that are no message",
    headers: grpcHeaders(GET),
    body: [frame(Buffer.from("0affff", "hex"))],
    status: "3",
    bareConnect: { status: "13", why: notTheServersFault },
  },
  {
    title: "a key that is not UTF-8",
    headers: grpcHeaders(GET),
    body: [frame(Buffer.from("0a02c328", "hex"))],
    status: "3",
    bareConnect: { status: "13", why: notTheServersFault },
  },
  {
    title: "an unknown method",
    headers: grpcHeaders(`${CACHE}/Nothing`),
    body: [get],
    status: "12",
    bareConnect: { status: "HTTP 404", why: grpcAnswers },
  },
  {
    title: "an unknown service",
    headers: grpcHeaders("/a.B/C"),
    body: [get],
    status: "12",
    bareConnect: { status: "HTTP 404", why: grpcAnswers },
  },
  {
    title: "GET instead of POST",
    headers: { ...grpcHeaders(GET), ":method": "GET" },
    status: "HTTP 405",
  },
  {
    title: "an unknown content type",
    headers: grpcHeaders(GET, { "content-type": "application/grpc;x=y" }),
    body: [get],
    status: "HTTP 415",
  },

  {
    title: "gzip",
    headers: grpcHeaders(GET, { "grpc-encoding": "gzip" }),
    body: [frame(gzipSync(get.subarray(5)), 1)],
    status: "0",
  },
  {
    title: "gzip announced, message not compressed",
    headers: grpcHeaders(GET, { "grpc-encoding": "gzip" }),
    body: [get],
    status: "0",
  },
  {
    title: "gzip announced, message garbage",
    headers: grpcHeaders(GET, { "grpc-encoding": "gzip" }),
    body: [frame(Buffer.from("not gzip"), 1)],
    status: "3",
  },
  {
    title: "a compression bomb",
    headers: grpcHeaders(`${CACHE}/Set`, { "grpc-encoding": "gzip" }),
    body: [frame(gzipSync(Buffer.alloc(20_000_000)), 1)],
    status: "8",
  },
  {
    title: "gzip of bytes that are no message",
    headers: grpcHeaders(GET, { "grpc-encoding": "gzip" }),
    body: [frame(gzipSync(Buffer.from("0affff", "hex")), 1)],
    status: "3",
    bareConnect: { status: "13", why: notTheServersFault },
  },
  {
    title: "an unknown compression",
    headers: grpcHeaders(GET, { "grpc-encoding": "snappy" }),
    body: [get],
    status: "12",
  },

  {
    title: "a timeout of an hour",
    headers: grpcHeaders(GET, { "grpc-timeout": "1H" }),
    body: [get],
    status: "0",
  },
  {
    title: "a timeout of 11,415 years",
    headers: grpcHeaders(GET, { "grpc-timeout": "99999999H" }),
    body: [get],
    status: "0",
  },
  {
    title: "a timeout of 30 days",
    headers: grpcHeaders(GET, { "grpc-timeout": "720H" }),
    body: [get],
    status: "0",
  },
  {
    title: "a timeout of nothing",
    headers: grpcHeaders(GET, { "grpc-timeout": "0n" }),
    body: [get],
    status: "4",
    bareConnect: { status: "0", why: "a deadline that has passed is DEADLINE_EXCEEDED" },
  },
  ...["", "1", "S", "1s", "-1S", "+1S", "1.5S", "123456789S", "1SS", "1S, 2S", "١S"].map(
    (text) => ({
      title: `a timeout of ${JSON.stringify(text)}`,
      headers: grpcHeaders(GET, { "grpc-timeout": Buffer.from(text).toString("latin1") }),
      body: [get],
      status: "3",
    }),
  ),

  {
    title: "Connect, JSON",
    headers: { ":method": "POST", ":path": GET, "content-type": "application/json" },
    body: [json({ key: "k" })],
    status: "HTTP 200",
  },
  {
    title: "Connect, binary, gzip",
    headers: {
      ":method": "POST",
      ":path": GET,
      "content-type": "application/proto",
      "content-encoding": "gzip",
    },
    body: [gzipSync(get.subarray(5))],
    status: "HTTP 200",
  },
  {
    title: "Connect, binary, gzip, with the length of the body",
    headers: {
      ":method": "POST",
      ":path": GET,
      "content-type": "application/proto",
      "content-encoding": "gzip",
      "content-length": gzipSync(get.subarray(5)).length,
    },
    body: [gzipSync(get.subarray(5))],
    status: "HTTP 200",
  },
  {
    title: "Connect, JSON, gzip, with the length of the body",
    headers: {
      ":method": "POST",
      ":path": GET,
      "content-type": "application/json",
      "content-encoding": "gzip",
      "content-length": gzipSync(json({ key: "k" })).length,
    },
    body: [gzipSync(json({ key: "k" }))],
    status: "HTTP 200",
  },
  {
    title: "Connect, a body above the limit",
    headers: { ":method": "POST", ":path": GET, "content-type": "application/json" },
    body: [Buffer.alloc(LIMIT + 1, " ")],
    status: "HTTP 429",
  },
  {
    title: "Connect, a bomb",
    headers: {
      ":method": "POST",
      ":path": GET,
      "content-type": "application/json",
      "content-encoding": "gzip",
    },
    body: [gzipSync(Buffer.alloc(20_000_000, " "))],
    status: "HTTP 429",
  },
  {
    title: "Connect, no JSON",
    headers: { ":method": "POST", ":path": GET, "content-type": "application/json" },
    body: [Buffer.from("{")],
    status: "HTTP 400",
  },
  {
    title: "gRPC-Web",
    headers: { ":method": "POST", ":path": GET, "content-type": "application/grpc-web+proto" },
    body: [get],
    status: "HTTP 200",
  },
  {
    title: "gRPC-Web, JSON",
    headers: { ":method": "POST", ":path": GET, "content-type": "application/grpc-web+json" },
    body: [frame(json({ key: "k" }))],
    status: "HTTP 200",
  },
  {
    title: "gRPC, JSON",
    headers: grpcHeaders(GET, { "content-type": "application/grpc+json" }),
    body: [frame(json({ key: "k" }))],
    status: "0",
  },
  {
    title: "an unknown path",
    headers: { ":method": "GET", ":path": "/" },
    status: "HTTP 404",
    bareConnect: { status: "HTTP 404", why: "a response without a body does not say why" },
  },
];

const provider = createMapProvider({
  delete: (key) => {
    if (key === "refuse") throw new CacheError("resource_exhausted", 'no: "ü" 100% \n \u{1f4a5}');
    throw new Error("secret");
  },
});

const paths: Record<string, string> = {};
const closers: (() => Promise<void>)[] = [];

beforeAll(async () => {
  const directory = mkdtempSync(join(tmpdir(), "gcm-"));
  await provider.set("k", Buffer.from("value"));
  const routes = createProviderServices(provider, { requireConfigure: false, report: () => {} });
  for (const dispatcher of ["unary-grpc", "connect"] as const) {
    const path = join(directory, dispatcher);
    const limits = { maxRequestBytes: LIMIT };
    const server = await startProviderServer(
      { routes, dispatcher, limits },
      { kind: "unix", path },
    );
    closers.push(() => server.close());
    paths[dispatcher] = path;
  }
  const bare = createServer(
    connectNodeAdapter({
      routes: (router) => {
        for (const { service, implementation } of routes) router.service(service, implementation);
      },
      readMaxBytes: LIMIT,
    }),
  );
  const bareSessions = new Set<ServerHttp2Session>();
  bare.on("session", (session) => bareSessions.add(session));
  paths["bare"] = join(directory, "bare");
  await new Promise<void>((resolve) => bare.listen(paths["bare"], resolve));
  closers.push(() => {
    for (const session of bareSessions) session.destroy();
    return new Promise((resolve) => bare.close(() => resolve()));
  });
  closers.push(() => rm(directory, { recursive: true }));
});

afterAll(async () => {
  for (const close of closers) await close();
});

/** What must be the same whoever carries the call. */
async function ask(carrier: string, { headers, body = [] }: Row): Promise<Record<string, string>> {
  const session = openSession(paths[carrier] as string);
  const answer = await exchange(session, { headers, body });
  session.destroy();
  const http = answer.headers[":status"];
  const isGrpc = /^application\/grpc(?!-web)/.test(answer.headers["content-type"] ?? "");
  return {
    status: isGrpc && http === "200" ? grpcStatus(answer).code : `HTTP ${http}`,
    body: http === "200" ? answer.body.toString("latin1") : errorCode(answer.body),
    messageKind: grpcStatus(answer).message === "" ? "none" : "some",
    reset: answer.resetCode === 0 ? "no" : `code ${answer.resetCode}`,
  };
}

/** The code in the body of one of Connect's own errors; their texts may differ. */
function errorCode(body: Buffer): string {
  return /"code":"(\w+)"/.exec(body.toString())?.[1] ?? "";
}

describe.each(ROWS)("$title", (row) => {
  test("the dispatcher for unary gRPC and Connect return the expected result", async () => {
    const direct = await ask("unary-grpc", row);
    expect(direct).toMatchObject({ status: row.status, reset: "no" });
    const connect = await ask("connect", row);
    expect(connect).toEqual(direct);
  });

  test("Connect's own adapter returns the same, or the row gives the reason", async () => {
    const bare = await ask("bare", row);
    if (row.bareConnect !== undefined) {
      expect(bare["status"]).toBe(row.bareConnect.status);
      return;
    }
    expect(bare).toEqual(await ask("unary-grpc", row));
  });
});

test("the text of an error arrives unchanged", async () => {
  const row = ROWS.find(({ title }) => title.startsWith("an error of the cache's own"));
  for (const path of Object.values(paths)) {
    const answer = await exchange(openSession(path), row as Row);
    expect(grpcStatus(answer).message).toBe('no: "ü" 100% \n \u{1f4a5}');
  }
});
