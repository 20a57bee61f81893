import http2 from "node:http2";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startProcess } from "../support/child-process.js";
import { tempSocketPath } from "../support/temp-directory.js";

const built = (path: string): string => join(import.meta.dirname, "../../dist/client", path);

/** Sends 8 values of 4 MiB to a server that does not read them, and closes the cache meanwhile. */
const CLOSE = `
const { Cache } = await import(${JSON.stringify(built("cache.js"))});
const cache = new Cache("", { target: process.argv[1], timeoutMs: 60_000 });
await cache.get("key");
const uploads = Array.from({ length: 8 }, () => cache.set("key", new Uint8Array(2 ** 22)));
await new Promise((resolve) => setTimeout(resolve, 100));
await cache.close();
for (const { reason } of await Promise.allSettled(uploads)) console.log(reason.rawMessage);
`;

/** The same, but the client drops the connection because a PING has no reply. */
const GIVE_UP = `
const net = await import("node:net");
const { Http2Connection } = await import(${JSON.stringify(built("http2-connection.js"))});
const connection = new Http2Connection("http://localhost", {
  connect: () => net.connect(process.argv[1]), verifyAfterMs: 50, verifyTimeoutMs: 50,
});
const begin = async () => {
  const stream = await connection.request("POST", "/Set", {}, {});
  stream.on("error", () => {});
  stream.on("close", () => console.log("upload failed"));
  stream.end(Buffer.alloc(2 ** 22));
};
await Promise.all(Array.from({ length: 8 }, begin));
await new Promise((resolve) => setTimeout(resolve, 100));
(await connection.request("GET", "/Get", {}, {})).on("close", () => {
  console.log("another connection");
  connection.close();
}).resume().end();
`;

/**
 * A server that replies to every call but Set, behind a proxy that reads only one MiB of each
 * connection. `windowBytes` is the flow-control window of a stream.
 */
async function startDeaf(initialWindowSize: number): Promise<string> {
  const serverPath = tempSocketPath();
  const sockets: Socket[] = [];
  const sessions: http2.ServerHttp2Session[] = [];
  const server = http2.createServer({ settings: { initialWindowSize } });
  server.on("session", (session) => {
    sessions.push(session.on("error", () => {}));
    session.setLocalWindowSize(initialWindowSize);
  });
  server.on("stream", (stream, headers) => {
    stream.on("error", () => {});
    if (headers[":path"]?.endsWith("/Set") === true) return;
    stream.respond(
      { ":status": 200, "content-type": "application/grpc" },
      { waitForTrailers: true },
    );
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    stream.end(Buffer.alloc(5));
  });
  const proxy = createServer((near) => {
    const far = connect(serverPath);
    for (const socket of [near, far]) sockets.push(socket.on("error", () => {}));
    far.pipe(near);
    let taken = 0;
    near.on("data", (chunk: Buffer) => {
      far.write(chunk);
      taken += chunk.length;
      if (taken > 2 ** 20) near.pause();
    });
  });
  const proxyPath = tempSocketPath();
  await new Promise<void>((resolve) => server.listen(serverPath, resolve));
  await new Promise<void>((resolve) => proxy.listen(proxyPath, resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    for (const session of sessions) session.destroy();
    proxy.close();
    server.close();
  });
  return proxyPath;
}

test.each([
  ["stopped reading the connection", 2 ** 30],
  ["stopped reading the streams", 65_535],
])(
  "a process ends after it closes a cache that sends to a server that %s",
  async (_, windowBytes) => {
    const child = startProcess(script(CLOSE, await startDeaf(windowBytes)));
    expect(await child.ended).toEqual({ code: 0, signal: null });
    expect(child.stdout()).toBe("the cache is closed\n".repeat(8));
    expect(child.stderr()).toBe("");
  },
);

test("a process ends after its client drops a connection that sends", async () => {
  const child = startProcess(script(GIVE_UP, await startDeaf(2 ** 30)));
  expect(await child.ended).toEqual({ code: 0, signal: null });
  expect(child.stdout()).toBe(`${"upload failed\n".repeat(8)}another connection\n`);
  expect(child.stderr()).toBe("");
});

function script(source: string, path: string): string[] {
  return [process.execPath, "--input-type=module", "--eval", source, path];
}
