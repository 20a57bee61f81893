import { connect as connectSocket } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { encodeFrame, FrameType, PREFACE } from "../abuse/support/http2-frames.js";
import { until } from "../support/child-process.js";
import { exchange, frame, grpcHeaders, grpcStatus, openSession } from "../support/raw-http2.js";
import { serveEndpoint } from "../support/serve-endpoint.js";

const GET = "/gestalt.provider.v1.Cache/Get";
const SET = "/gestalt.provider.v1.Cache/Set";
const request = frame(Buffer.from("0a016b", "hex"));

/** A connection on which nothing has been said yet. */
function openSocket(path: string): { isClosed: () => boolean; send: (bytes: Buffer) => void } {
  const socket = connectSocket(path);
  let closed = false;
  socket.on("error", () => {});
  socket.on("close", () => (closed = true));
  socket.resume();
  return { isClosed: () => closed, send: (bytes) => void socket.write(bytes) };
}

const ask = async (path: string): Promise<string> =>
  grpcStatus(await exchange(openSession(path), { headers: grpcHeaders(GET), body: [request] }))
    .code;

test.each([
  ["says nothing", Buffer.alloc(0)],
  ["stops in the preface", PREFACE.subarray(0, 10)],
  ["stops before SETTINGS", PREFACE],
])("a connection that %s is closed", async (_title, bytes) => {
  const { path, connections } = await serveEndpoint({
    limits: { handshakeTimeoutMs: 30, sweepIntervalMs: 10 },
  });
  const mute = openSocket(path);
  mute.send(bytes);
  await until(() => mute.isClosed());
  await until(() => connections.size === 0);
});

test("an idle connection is closed with GOAWAY after maxConnectionIdleMs", async () => {
  const limits = { handshakeTimeoutMs: 20, sweepIntervalMs: 5, maxConnectionIdleMs: 200 };
  const { path } = await serveEndpoint({ limits });
  const session = openSession(path);
  let goaway: number | undefined;
  session.on("goaway", (code: number) => (goaway = code));
  await new Promise((resolve) => session.once("remoteSettings", resolve));
  const begun = performance.now();
  await until(() => session.closed);
  expect(performance.now() - begun).toBeGreaterThan(150);
  expect(goaway).toBe(0);
});

test("a connection that does not acknowledge a keepalive PING is closed", async () => {
  const limits = { keepaliveIntervalMs: 20, keepaliveTimeoutMs: 1_000, sweepIntervalMs: 5 };
  const { path, connections } = await serveEndpoint({ limits });
  const alive = openSession(path);
  let pings = 0;
  alive.on("ping", () => pings++);
  await new Promise((resolve) => alive.once("remoteSettings", resolve));
  // It has greeted, and then sent a frame of a size that ends the conversation: newer
  // versions of Node close the connection themselves.
  const dead = openSocket(path);
  dead.send(Buffer.concat([PREFACE, encodeFrame(FrameType.settings, 0, 0)]));
  dead.send(encodeFrame(FrameType.ping, 0, 0, Buffer.alloc(9)));
  await until(() => dead.isClosed());
  await until(() => connections.size === 1);
  await until(() => pings > 5);
  expect(alive.closed).toBe(false);
});

test("the socket of a client that ignores GOAWAY is closed", async () => {
  const { path, connections } = await serveEndpoint({
    limits: { maxConnectionIdleMs: 20, sweepIntervalMs: 5 },
  });
  const socket = connectSocket({ path, allowHalfOpen: true });
  socket.on("error", () => {});
  socket.resume();
  socket.write(Buffer.concat([PREFACE, encodeFrame(FrameType.settings, 0, 0)]));
  await new Promise((resolve) => socket.once("end", resolve));
  await until(() => connections.size === 0);
  socket.destroy();
});

test("a connection too many closes one without a handshake first, then the longest idle", async () => {
  const { path, connections } = await serveEndpoint({
    limits: { maxConnections: 3, sweepIntervalMs: 5 },
  });
  const idle = openSession(path);
  await exchange(idle, { headers: grpcHeaders(GET), body: [request] });
  const mute = openSocket(path);
  await until(() => connections.size === 2);
  const busy = openSession(path);
  const call = busy.request(grpcHeaders(SET));
  call.on("error", () => {});
  await until(() => connections.size === 3);
  expect(await ask(path)).toBe("0");
  await until(() => mute.isClosed());
  expect(idle.closed).toBe(false);
  expect(await ask(path)).toBe("0");
  expect(busy.closed).toBe(false);
});

test("a new connection is refused when all others are in use", async () => {
  const { path, context } = await serveEndpoint({ limits: { maxConnections: 2 } });
  const sessions = [openSession(path), openSession(path)];
  for (const session of sessions) session.request(grpcHeaders(SET)).on("error", () => {});
  await until(() => context.calls.size === 2);
  const refused = openSocket(path);
  await until(() => refused.isClosed());
  const [first] = sessions;
  if (first === undefined) throw new Error("no session");
  const answer = await exchange(first, { headers: grpcHeaders(GET), body: [request] });
  expect(grpcStatus(answer).code).toBe("0");
});

test("a client that is silent during its calls gives way after a second", async () => {
  const limits = { maxConnections: 2, sweepIntervalMs: 20 };
  const { path, context } = await serveEndpoint({ limits });
  const silent = openSession(path);
  silent.request(grpcHeaders(SET)).on("error", () => {});
  await until(() => context.calls.size === 1);
  const busy = openSession(path);
  const upload = busy.request(grpcHeaders(SET));
  upload.on("error", () => {});
  upload.write(frame(Buffer.alloc(0), 0, 10_000));
  const sending = setInterval(() => upload.write(Buffer.from([0])), 20);
  onTestFinished(() => clearInterval(sending));
  await until(() => context.calls.size === 2);
  const begun = performance.now();
  // A new one is refused until then.
  await until(() => silent.destroyed || (void openSocket(path), false), { withinMs: 5_000 });
  expect(performance.now() - begun).toBeGreaterThan(800);
  expect(busy.destroyed).toBe(false);
  expect(await ask(path)).toBe("0");
});

describe.each(["unary-grpc", "connect"] as const)("%s", (dispatcher) => {
  test("a request without progress fails and leaves nothing behind", async () => {
    const limits = { readStallTimeoutMs: 40, sweepIntervalMs: 10 };
    const { path, context } = await serveEndpoint({ dispatcher, limits });
    const session = openSession(path);
    const answer = await exchange(session, {
      headers: grpcHeaders(SET),
      body: [frame(Buffer.alloc(10), 0, 100)],
      end: false,
    });
    expect(grpcStatus(answer)).toEqual({
      code: "4",
      message: "the request did not arrive within 40 ms",
    });
    await until(() => context.calls.size === 0);
    expect(context.budget.heldBytes).toBe(0);
    expect(session.closed).toBe(false);
  });

  test("half-open calls above maxConcurrentCalls end the oldest calls", async () => {
    const { path, context } = await serveEndpoint({
      dispatcher,
      limits: { maxConcurrentCalls: 50 },
    });
    const session = openSession(path);
    const streams = Array.from({ length: 60 }, () => {
      const stream = session.request(grpcHeaders(SET));
      stream.on("error", () => {});
      stream.resume();
      return stream;
    });
    await until(() => streams.slice(0, 10).every(({ closed }) => closed));
    expect(context.calls.size).toBe(50);
    expect(streams.slice(10).some(({ closed }) => closed)).toBe(false);
    const answer = await exchange(session, { headers: grpcHeaders(GET), body: [request] });
    expect(grpcStatus(answer).code).toBe("0");
  });
});

test.each([
  ["PING", encodeFrame(FrameType.ping, 0, 0, Buffer.alloc(8))],
  ["SETTINGS", encodeFrame(FrameType.settings, 0, 0)],
])("a flood of %s closes its connection", async (_title, bytes) => {
  const { path } = await serveEndpoint();
  const flooder = openSocket(path);
  flooder.send(Buffer.concat([PREFACE, encodeFrame(FrameType.settings, 0, 0)]));
  const flood = Buffer.concat(Array<Buffer>(500).fill(bytes));
  let batches = 0;
  while (!flooder.isClosed() && batches++ < 1_000) {
    flooder.send(flood);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(flooder.isClosed()).toBe(true);
  expect(await ask(path)).toBe("0");
});

test("a client that sends a PING per call stays connected", async () => {
  const { path } = await serveEndpoint();
  const session = openSession(path);
  for (let call = 0; call < 5_000; call += 50) {
    await Promise.all(
      Array.from({ length: 50 }, async () => {
        await new Promise((resolve) => session.ping(resolve));
        await exchange(session, { headers: grpcHeaders(GET), body: [request] });
      }),
    );
  }
  expect(session.closed).toBe(false);
});

test("headers above the limit reset the request, and the connection stays open", async () => {
  const { path } = await serveEndpoint();
  const session = openSession(path);
  const fits = grpcHeaders(GET, { "x-large": "x".repeat(15_000) });
  expect(grpcStatus(await exchange(session, { headers: fits, body: [request] })).code).toBe("0");
  const tooLarge = grpcHeaders(GET, { "x-large": "x".repeat(20_000) });
  expect((await exchange(session, { headers: tooLarge, body: [request] })).resetCode).not.toBe(0);
  expect(grpcStatus(await exchange(session, { headers: fits, body: [request] })).code).toBe("0");
});
