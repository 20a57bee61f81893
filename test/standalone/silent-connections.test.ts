import type net from "node:net";
import * as grpc from "@grpc/grpc-js";
import { describe, expect, onTestFinished, test } from "vitest";
import { encodeFrame, FrameType, PREFACE } from "../abuse/support/http2-frames.js";
import { until } from "../support/child-process.js";
import { createGrpcClient } from "../support/grpc-client.js";
import { connectTo, requestHttp1, type Place } from "../support/http-request.js";
import { startServe } from "../support/serve-process.js";
import { serveStandalone, type ServedStandalone } from "../support/standalone.js";
import { createTestCertificate } from "../support/test-certificate.js";

const LOOPBACK = { kind: "tcp", host: "127.0.0.1", port: 0 } as const;
const TOKEN = "s3cret";
const TOKEN_HEADER = "x-gestalt-host-service-relay-token";
const SETTINGS = encodeFrame(FrameType.settings, 0, 0);

/** What a client may say before it falls silent; none of it needs the token. */
const FIRST_WORDS: readonly (readonly [string, Buffer])[] = [
  ["nothing", Buffer.alloc(0)],
  ["a letter", Buffer.from("P")],
  ["half of HTTP/2's preface", PREFACE.subarray(0, 12)],
  ["HTTP/2's preface without SETTINGS", PREFACE],
  ["HTTP/2's preface and SETTINGS", Buffer.concat([PREFACE, SETTINGS])],
  ["half a request line", Buffer.from("GET /met")],
  ["half of the headers", Buffer.from("GET /metrics HTTP/1.1\r\nhost: localhost\r\n")],
  ["a request that is refused", Buffer.from("GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n")],
];

/** Opens a connection, says something and falls silent. */
async function openSilent(place: Place, words: Buffer): Promise<net.Socket> {
  const socket = connectTo(place);
  onTestFinished(() => void socket.destroy());
  socket.on("error", () => {});
  socket.resume();
  await new Promise((resolve) => socket.once("connect", resolve));
  if (words.length > 0) await new Promise((resolve) => socket.write(words, resolve));
  return socket;
}

/** A new client gets its answers, over gRPC and over HTTP/1.1. */
async function expectServed({ target, place }: ServedStandalone): Promise<void> {
  const metadata = new grpc.Metadata();
  metadata.set(TOKEN_HEADER, TOKEN);
  const cache = createGrpcClient(target, "Cache");
  expect((await cache.call("Get", { key: "a" }, {}, metadata)).code).toBe(0);
  cache.close();
  const headers = { [TOKEN_HEADER]: TOKEN };
  expect((await requestHttp1(place, { path: "/metrics", headers })).status).toBe(200);
}

describe.each(FIRST_WORDS)("clients that send %s and fall silent", (_title, words) => {
  test("keep no new client out", async () => {
    const served = await serveStandalone({
      address: LOOPBACK,
      token: TOKEN,
      limits: { maxConnections: 3, handshakeTimeoutMs: 60_000, sweepIntervalMs: 5 },
    });
    const silent: net.Socket[] = [];
    for (let count = 0; count < 10; count++) {
      silent.push(await openSilent(served.place, words));
      // Two looks at the clock, to know one silence from another.
      await new Promise((resolve) => setTimeout(resolve, 12));
    }
    await until(() => silent.filter(({ destroyed }) => destroyed).length >= 7);
    expect(silent.map(({ destroyed }) => destroyed)).toEqual([
      ...Array<boolean>(7).fill(true),
      ...Array<boolean>(3).fill(false),
    ]);
    await expectServed(served);
  });
});

test("2,100 silent connections of a client without the token keep no new client out", async () => {
  const served = await serveStandalone({ address: LOOPBACK, token: TOKEN });
  for (let opened = 0; opened < 2_100; opened += 100) {
    const few = Array.from({ length: 100 }, () => openSilent(served.place, Buffer.alloc(0)));
    await Promise.all(few);
  }
  await expectServed(served);
});

// Only there does the server know the limit.
test.runIf(process.platform === "linux")(
  "more silent connections than the process may have files keep no new client out",
  async () => {
    const limitFiles = ["sh", "-c", 'ulimit -n 256 && exec "$@"', "sh"];
    const args = ["--listen", "tcp://127.0.0.1:0", "--token", TOKEN];
    const { target } = await startServe(args, {}, limitFiles);
    const place = { port: Number(new URL(target).port) };
    for (const words of [Buffer.alloc(0), Buffer.from("GET /met")]) {
      for (let opened = 0; opened < 300; opened += 20) {
        const few = Array.from({ length: 20 }, () => openSilent(place, words));
        await Promise.all(few);
      }
      const headers = { [TOKEN_HEADER]: TOKEN };
      expect((await requestHttp1(place, { path: "/metrics", headers })).status).toBe(200);
    }
  },
);

test.each([
  ["nothing", Buffer.alloc(0)],
  ["half a record", Buffer.from("160301", "hex")],
])("TLS clients that send %s and fall silent keep no new client out", async (_title, words) => {
  const { certificate, key } = createTestCertificate();
  const { place, server } = await serveStandalone({
    address: { ...LOOPBACK, kind: "tls" },
    tls: { certificate: String(certificate), key: String(key) },
    limits: { maxConnections: 3, handshakeTimeoutMs: 60_000 },
  });
  const silent: net.Socket[] = [];
  for (let count = 0; count < 10; count++) silent.push(await openSilent(place, words));
  await until(() => silent.filter(({ destroyed }) => destroyed).length >= 7);
  const port = "port" in place ? place.port : 0;
  const credentials = grpc.credentials.createSsl(certificate);
  const [first, second] = [0, 1].map(() =>
    createGrpcClient(`localhost:${port}`, "Cache", {}, credentials),
  );
  for (const cache of [first, second]) {
    expect((await cache?.call("Get", { key: "a" }))?.code).toBe(0);
  }
  // Those that have greeted count no more among the silent.
  for (let count = 0; count < 10; count++) silent.push(await openSilent(place, words));
  expect((await first?.call("Get", { key: "a" }))?.code).toBe(0);
  first?.close();
  second?.close();
  await server.close();
});
