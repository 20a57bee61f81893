import { connect, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import {
  encodeFrame,
  encodeHeaders,
  Flag,
  FrameType,
  grpcRequestFields,
  PREFACE,
} from "../abuse/support/http2-frames.js";
import { Cache } from "../../src/client/cache.js";
import { createProviderServices } from "../../src/rpc/provider-services.js";
import { until } from "../support/child-process.js";
import { createMapProvider } from "../support/map-provider.js";
import { frame } from "../support/raw-http2.js";
import { startServe } from "../support/serve-process.js";
import { serveStandalone } from "../support/standalone.js";

const GET = "/gestalt.provider.v1.Cache/Get";
const JSON_GET = '{"key":"k"}';
const VALUE = Buffer.alloc(3_000_000);

/** How much a client lets the server send before it reads: all of it. */
const SETTINGS = Buffer.from("00047fffffff", "hex");
const WINDOW_UPDATE = Buffer.from("7fff0000", "hex");

/** A request for a large value, in every way that the server keeps apart. */
const REQUESTS: readonly (readonly [string, Buffer])[] = [
  ["gRPC", http2Request("application/grpc", frame(Buffer.from("0a016b", "hex")))],
  ["JSON over HTTP/2", http2Request("application/json", Buffer.from(JSON_GET))],
  [
    "JSON over HTTP/1.1",
    Buffer.from(
      `POST ${GET} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n` +
        `content-length: ${JSON_GET.length}\r\n\r\n${JSON_GET}`,
    ),
  ],
];

function http2Request(contentType: string, body: Buffer): Buffer {
  const fields = grpcRequestFields(GET).map(
    ([name, value]) => [name, name === "content-type" ? contentType : value] as const,
  );
  return Buffer.concat([
    PREFACE,
    encodeFrame(FrameType.settings, 0, 0, SETTINGS),
    encodeFrame(FrameType.windowUpdate, 0, 0, WINDOW_UPDATE),
    encodeFrame(FrameType.headers, Flag.endHeaders, 1, encodeHeaders(fields)),
    encodeFrame(FrameType.data, Flag.endStream, 1, body),
  ]);
}

/** Asks, waits until the answer has begun to come, and neither reads nor hangs up. */
async function askAndLeaveUnread(path: string, request: Buffer): Promise<Socket> {
  const socket = connect(path);
  socket.on("error", () => {});
  onTestFinished(() => void socket.destroy());
  // Whoever listens for this gets as much as a socket buffers, and no more until it reads.
  socket.on("readable", () => {});
  socket.write(request);
  await until(() => socket.readableLength > 10_000);
  return socket;
}

test.each(REQUESTS)(
  "%s: close cuts off a client that neither reads nor disconnects",
  async (_, request) => {
    const provider = createMapProvider();
    await provider.set("k", VALUE);
    const { server, place } = await serveStandalone({
      routes: createProviderServices(provider, { requireConfigure: false }),
      limits: { drainTimeoutMs: 50 },
    });
    const path = "socketPath" in place ? place.socketPath : "";
    const socket = await askAndLeaveUnread(path, request);
    await server.close();
    expect(socket.destroyed).toBe(false);
  },
);

test("serve stops in time despite clients that do not read", async () => {
  const serve = await startServe();
  const cache = new Cache("", { target: serve.target });
  onTestFinished(() => cache.close());
  await cache.set("k", VALUE);
  for (const [, request] of REQUESTS) await askAndLeaveUnread(serve.target, request);
  const signalledMs = performance.now();
  serve.signal("SIGTERM");
  expect(await serve.ended).toEqual({ code: 0, signal: null });
  expect(performance.now() - signalledMs).toBeLessThan(1_500);
  expect(serve.stderr()).not.toContain("without waiting");
});
