import { connect as connectHttp2, constants } from "node:http2";
import { connect } from "node:net";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { startProvider } from "../support/provider-process.js";

const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const EMPTY_SETTINGS = "\0\0\0\x04\0\0\0\0\0";

/** An empty gRPC message: not compressed, no bytes. */
const EMPTY_MESSAGE = Buffer.alloc(5);

/** Sends bytes and hangs up. */
async function send(socketPath: string, bytes: string): Promise<void> {
  const socket = connect(socketPath).on("error", () => {});
  await once(socket, "connect");
  socket.end(Buffer.from(bytes, "latin1"));
  await once(socket, "finish");
  socket.destroy();
}

test.each([
  ["HTTP/1.1", "GET / HTTP/1.1\r\nHost: x\r\n\r\n"],
  ["no protocol at all", "\xff\xfe\0garbage".repeat(1_000)],
  ["half a preface", PREFACE.slice(0, 9)],
  ["half a frame", `${PREFACE}${EMPTY_SETTINGS}\0\0\x10\x01\x04\0\0`],
  ["a frame with a huge length", `${PREFACE}${EMPTY_SETTINGS}\xff\xff\xff\0\0\0\0\0\x01`],
  [
    "headers that do not decode",
    `${PREFACE}${EMPTY_SETTINGS}\0\0\x04\x01\x05\0\0\0\x01\xff\xff\xff\xff`,
  ],
])("%s does not affect other clients", async (_, bytes) => {
  const provider = await startProvider();
  await send(provider.socketPath, bytes);
  const lifecycle = provider.client("ProviderLifecycle");
  expect((await lifecycle.call("HealthCheck", {})).code).toBe(0);
  expect(provider.stderr()).toBe("");
});

test("any authority is served, and a client that disconnects leaves nothing behind", async () => {
  const provider = await startProvider();
  const session = connectHttp2("http://localhost", {
    createConnection: () => connect(provider.socketPath),
  });
  onTestFinished(() => {
    session.destroy();
  });
  for (const authority of ["tmp%2Fx.sock", "%2F", "[::1", ":", "x:99999"]) {
    const stream = session.request({
      ":method": "POST",
      ":path": "/gestalt.provider.v1.ProviderLifecycle/HealthCheck",
      ":authority": authority,
      "content-type": "application/grpc",
      te: "trailers",
    });
    stream.end(EMPTY_MESSAGE);
    stream.resume();
    const [trailers] = (await once(stream, "trailers")) as [Record<string, string>];
    expect([authority, trailers["grpc-status"]]).toEqual([authority, "0"]);
  }

  // A request that never ends, cut off with its connection.
  const cut = session.request({
    ":method": "POST",
    ":path": "/gestalt.provider.v1.Cache/Set",
    "content-type": "application/grpc",
  });
  cut.on("error", () => {});
  cut.write(Buffer.from([0, 0, 0, 1, 0, 1, 2, 3]));
  session.destroy(undefined, constants.NGHTTP2_CANCEL);
  const lifecycle = provider.client("ProviderLifecycle");
  expect((await lifecycle.call("HealthCheck", {})).code).toBe(0);
  expect(provider.isRunning()).toBe(true);
  expect(provider.stderr()).toBe("");
});
