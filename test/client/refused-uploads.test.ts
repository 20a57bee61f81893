import http2, { type ServerHttp2Stream } from "node:http2";
import { Code } from "@connectrpc/connect";
import { expect, onTestFinished, test } from "vitest";
import { Cache } from "../../src/client/cache.js";
import { until } from "../support/child-process.js";
import { authoredProvider, startProvider } from "../support/provider-process.js";
import { tempSocketPath } from "../support/temp-directory.js";

const LARGE_BYTES = 8 * 1024 * 1024;

/** Refuses every Set as soon as it begins, leaving what is sent of it unread; misses every Get. */
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

/** Has large values refused, one after another and several at once, with a read after each. */
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
    "resets it",
    // In the same turn Node 22 would send the reset and not the answer.
    (stream: ServerHttp2Stream) =>
      void setImmediate(() => stream.close(http2.constants.NGHTTP2_NO_ERROR)),
  ],
  // Node resets what nobody has begun to read.
  [
    "does not read on",
    (stream: ServerHttp2Stream) => void stream.once("data", () => stream.pause()),
  ],
])("a server refuses a large value early and %s: the connection goes on", async (_, afterwards) => {
  const { path, sessions, refused } = await startRefusing(afterwards);
  await expectCallsAfterRefusals(open(path));
  expect(sessions).toHaveLength(1);
  // Or they would hold what was to be sent, and the client's process, for ever.
  await until(() => refused.every(({ closed }) => closed), { what: "uploads given up" });
});

test("the provider refuses large requests: the connection goes on", async () => {
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
