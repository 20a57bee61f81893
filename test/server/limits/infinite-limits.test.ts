import { createClient } from "@connectrpc/connect";
import { compressionGzip, createGrpcTransport } from "@connectrpc/connect-node";
import * as grpc from "@grpc/grpc-js";
import { expect, onTestFinished, test, vi } from "vitest";
import { Cache } from "../../../src/rpc/gen/gestalt/provider/v1/cache_pb.js";
import { DEFAULT_SERVER_LIMITS } from "../../../src/server/limits/server-limits.js";
import { until } from "../../support/child-process.js";
import { createGrpcClient } from "../../support/grpc-client.js";
import { createMapProvider } from "../../support/map-provider.js";
import { requestHttp1 } from "../../support/http-request.js";
import { serve } from "../../support/serve.js";
import { serveStandalone } from "../../support/standalone.js";
import { createTestCertificate } from "../../support/test-certificate.js";

const NAMES = Object.keys(DEFAULT_SERVER_LIMITS);
const ALL = Object.fromEntries(NAMES.map((name) => [name, Infinity]));
const LOOPBACK = { kind: "tcp", host: "127.0.0.1", port: 0 } as const;

/** Node warns of a timer with a longer delay than it takes, and calls it back at once. */
function watchWarnings(): ReturnType<typeof vi.fn> {
  const warned = vi.fn();
  process.on("warning", warned);
  onTestFinished(() => void process.off("warning", warned));
  return warned;
}

test.each([
  ...NAMES.map((name) => [name, { [name]: Infinity }] as const),
  ["every limit", ALL] as const,
])("a server serves every protocol when %s is Infinity", async (_name, limits) => {
  const warned = watchWarnings();
  const { place, target, server } = await serveStandalone({ address: LOOPBACK, limits });

  const plain = createGrpcClient(target, "Cache");
  expect((await plain.call("Set", { key: "a", value: Buffer.of(1) })).code).toBe(0);
  plain.close();

  const compressed = createGrpcTransport({
    baseUrl: `http://${target}`,
    sendCompression: compressionGzip,
    compressMinBytes: 0,
  });
  expect((await createClient(Cache, compressed).get({ key: "a" })).found).toBe(true);

  const answer = await requestHttp1(place, {
    path: "/gestalt.provider.v1.Cache/Get",
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"key":"a"}',
  });
  expect(JSON.parse(answer.body)).toEqual({ found: true, value: "AQ==" });
  await new Promise((resolve) => setImmediate(resolve));
  expect(warned).not.toHaveBeenCalled();
  if (limits !== ALL) await server.close();
});

test("a TLS handshake without a time limit is served", async () => {
  const warned = watchWarnings();
  const { certificate, key } = createTestCertificate();
  const { place } = await serveStandalone({
    address: { ...LOOPBACK, kind: "tls" },
    tls: { certificate: String(certificate), key: String(key) },
    limits: { handshakeTimeoutMs: Infinity },
  });
  const port = "port" in place ? place.port : 0;
  const credentials = grpc.credentials.createSsl(certificate);
  const cache = createGrpcClient(`localhost:${port}`, "Cache", {}, credentials);
  expect((await cache.call("Get", { key: "a" })).code).toBe(0);
  cache.close();
  expect(warned).not.toHaveBeenCalled();
});

test("a server whose drain has no time limit waits for calls in flight", async () => {
  const warned = watchWarnings();
  let answer = (): void => {};
  const answered = new Promise<Buffer>((resolve) => (answer = () => resolve(Buffer.from("late"))));
  const get = vi.fn(() => answered);
  const { server, cache } = await serve({
    provider: createMapProvider({ get }),
    limits: { drainTimeoutMs: Infinity },
  });
  const calling = cache.call("Get", { key: "k" });
  await until(() => get.mock.calls.length === 1);
  const closing = server.close();
  // Far longer than a timer takes that fires at once.
  await new Promise((resolve) => setTimeout(resolve, 50));
  answer();
  expect(await calling).toMatchObject({ code: 0, reply: { found: true } });
  await closing;
  expect(warned).not.toHaveBeenCalled();
});
