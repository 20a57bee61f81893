import http2, { type ServerHttp2Stream } from "node:http2";
import { Code } from "@connectrpc/connect";
import { expect, onTestFinished, test } from "vitest";
import { Cache } from "../../src/client/cache.js";
import { until } from "../support/child-process.js";
import { authoredProvider, startProvider } from "../support/provider-process.js";
import { tempSocketPath } from "../support/temp-directory.js";

const LARGE_BYTES = 8 * 1024 * 1024;

/** Refuses every Set as soon as it begins, and does not read its value. Every Get is a miss. */
async function startRefusing(afterwards: (stream: ServerHttp2Stream) => void) {
  const path = tempSocketPath();
  const sessions: http2.ServerHttp2Session[] = [];
  const refused: ServerHttp2Stream[] = [];
  const server = http2.createServer();
  server.on("session", (session) => sessions.push(session));
  server.on("stream", (stream, headers) => {
    stream.on("error", () => {});
    const fields = { ":status": 200, "content-type": "application/grpc" };
    if (headers[":path"]?.endsWith("/Set") === true) {
      refused.push(stream);
      stream.respond({ ...fields, "grpc-status": "8" }, { endStream: true });
      afterwards(stream);
    } else {
      stream.respond(fields, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
      stream.end(Buffer.alloc(5));
    }
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  return { path, sessions, refused };
}

/** Sends large values that are refused, in sequence and concurrently, with a read after each. */
async function expectCallsAfterRefusals(cache: Cache): Promise<void> {
  const refuse = () =>
    expect(cache.set("key", new Uint8Array(LARGE_BYTES))).rejects.toMatchObject({
      code: Code.ResourceExhausted,
    });
  for (let count = 0; count < 4; count++) {
    await refuse();
    expect(await cache.get("key")).toBeUndefined();
  }
  await Promise.all([refuse(), refuse(), refuse(), refuse()]);
  expect(await cache.get("key")).toBeUndefined();
}

function open(target: string): Cache {
  const cache = new Cache("", { target, timeoutMs: 5_000 });
  onTestFinished(() => cache.close());
  return cache;
}

test.each([
  [
    "resets the stream",
    // In the same turn of the event loop, Node 22 would send the reset without the reply.
    (stream: ServerHttp2Stream) =>
      void setImmediate(() => stream.close(http2.constants.NGHTTP2_NO_ERROR)),
  ],
  // Node resets a stream that was never read, so this one reads a little.
  ["stops reading", (stream: ServerHttp2Stream) => void stream.once("data", () => stream.pause())],
])(
  "the connection still works after a server refuses a large value early and %s",
  async (_, afterwards) => {
    const { path, sessions, refused } = await startRefusing(afterwards);
    await expectCallsAfterRefusals(open(path));
    expect(sessions).toHaveLength(1);
    // Otherwise they would keep the unsent data, and the client's process alive.
    await until(() => refused.every(({ closed }) => closed), { what: "uploads given up" });
  },
);

test("the connection still works after the provider refuses large requests", async () => {
  const provider = await startProvider({
    command: authoredProvider(`
      await serveCacheProvider(defineCacheProvider({
        get: () => null, set() {}, delete: () => false, touch: () => false,
      }), { limits: { maxRequestBytes: 1_048_576 } });`),
  });
  await provider.client("ProviderLifecycle").call("ConfigureProvider", { protocol_version: 3 });
  await expectCallsAfterRefusals(open(provider.socketPath));
  expect(provider.stderr()).toBe("");
});
