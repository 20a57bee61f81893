import type net from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { until } from "../../support/child-process.js";
import { connectTo, requestHttp1, type Place } from "../../support/http-request.js";
import { serveStandalone } from "../../support/standalone.js";

/** Bounds that a test does not have to wait for. */
const SOON = {
  handshakeTimeoutMs: 60,
  readStallTimeoutMs: 60,
  writeStallTimeoutMs: 60,
  sweepIntervalMs: 10,
};

interface RawConnection {
  readonly socket: net.Socket;
  readonly received: () => string;
  readonly isOver: () => boolean;
}

function open(place: Place): RawConnection {
  const socket = connectTo(place);
  let received = "";
  let isOver = false;
  socket.setEncoding("latin1").on("data", (text: string) => (received += text));
  socket.on("error", () => {});
  socket.once("close", () => (isOver = true));
  onTestFinished(() => void socket.destroy());
  return { socket, received: () => received, isOver: () => isOver };
}

const POST = "POST /gestalt.provider.v1.Cache/Get HTTP/1.1\r\nhost: x\r\n";
const JSON_POST = `${POST}content-type: application/json\r\n`;

test.each([
  ["nothing", ""],
  ["half a preface of HTTP/2", "PRI * HT"],
])("a client that sends %s is disconnected", async (_, text) => {
  const { place } = await serveStandalone({ limits: SOON });
  const { socket, received, isOver } = open(place);
  socket.write(text);
  await until(isOver);
  expect(received()).toBe("");
});

test.each([
  ["no headers to the end", "GET /metrics HTTP/1.1\r\nhost:"],
  ["no body to the end", `${JSON_POST}content-length: 10\r\n\r\n{`],
  ["no chunk to the end", `${JSON_POST}transfer-encoding: chunked\r\n\r\n5\r\n{`],
])("a request with %s gets 408", async (_, text) => {
  const { place } = await serveStandalone({ limits: SOON });
  const { socket, received, isOver } = open(place);
  socket.write(text);
  await until(isOver);
  expect(received()).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
});

test("a body without progress gets 408", async () => {
  const { place } = await serveStandalone({ limits: SOON });
  const { socket, received, isOver } = open(place);
  socket.write(`${JSON_POST}content-length: 1000\r\n\r\n`);
  const trickle = setInterval(() => socket.write("x"), 10);
  onTestFinished(() => clearInterval(trickle));
  await until(isOver);
  expect(received()).toMatch(/^HTTP\/1\.1 408 /);
});

test("headers above the limit get 431", async () => {
  const { place } = await serveStandalone({ limits: { maxHeaderBytes: 4_096 } });
  const { socket, received } = open(place);
  socket.write(`GET /metrics HTTP/1.1\r\nhost: x\r\nx-long: ${"x".repeat(5_000)}\r\n\r\n`);
  await until(() => received() !== "");
  expect(received()).toMatch(/^HTTP\/1\.1 431 /);
});

test.each([
  ["of known length", { "content-length": "3000" }],
  ["in chunks", { "transfer-encoding": "chunked" }],
])("a body above the limit, %s, is refused in its protocol", async (_, length) => {
  const { place } = await serveStandalone({ limits: { maxRequestBytes: 2_000 } });
  const answer = await requestHttp1(place, {
    path: "/gestalt.provider.v1.Cache/Get",
    method: "POST",
    headers: { "content-type": "application/json", ...length },
    body: "x".repeat(3_000),
  });
  expect(answer.status).toBe(429);
  expect(answer.body).toContain('{"code":"resource_exhausted"');
});

test("bodies share one budget, and release it", async () => {
  const { place } = await serveStandalone({
    limits: { maxBytesInFlight: 300_000, smallReplyReserveBytes: 0, readStallTimeoutMs: 60_000 },
  });
  const inFlight = async (): Promise<number> => {
    const { body } = await requestHttp1(place, { path: "/metrics" });
    return Number(/^gestalt_cache_server_bytes_in_flight (\d+)$/m.exec(body)?.[1]);
  };
  // Together more than there is room for, whatever room each is given.
  const unfinished = Array.from({ length: 80 }, () => open(place));
  for (const { socket } of unfinished) {
    socket.write(`${JSON_POST}content-length: 5000\r\n\r\n${"x".repeat(4_000)}`);
  }
  await until(() => unfinished.some(({ received }) => received().includes(" 429 ")));
  const ask = {
    path: "/gestalt.provider.v1.Cache/Get",
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ key: "x".repeat(20_000) }),
  };
  const refused = await requestHttp1(place, ask);
  expect([refused.status, refused.body]).toEqual([429, expect.stringContaining("no room for")]);
  for (const { socket } of unfinished) socket.destroy();
  while ((await inFlight()) > 0);
  // The server may read a body only now, and then notices that its client has left.
  let { status } = await requestHttp1(place, ask);
  while (status === 429) ({ status } = await requestHttp1(place, ask));
  expect(status).toBe(200);
});

test("a connection too many closes the longest idle one", async () => {
  const { place } = await serveStandalone({ limits: { maxConnections: 2 } });
  const get = "GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n";
  const [first, second] = [open(place), open(place)];
  for (const { socket, received } of [first, second]) {
    socket.write(get);
    await until(() => received().includes("process_start_time_seconds "));
  }
  expect((await requestHttp1(place, { path: "/metrics" })).status).toBe(200);
  await until(first.isOver);
  expect(second.isOver()).toBe(false);
});

test("a connection is reused, and closed when it is idle", async () => {
  const { place } = await serveStandalone({ limits: { ...SOON, handshakeTimeoutMs: 200 } });
  const { socket, received, isOver } = open(place);
  for (const count of [1, 2, 3]) {
    socket.write("HEAD /metrics HTTP/1.1\r\nhost: x\r\n\r\n");
    await until(() => received().split("HTTP/1.1 200 OK").length === count + 1);
  }
  await until(isOver);
  expect(received()).not.toContain("408");
});

test("pipelined requests receive replies in order", async () => {
  const { place } = await serveStandalone();
  const { socket, received } = open(place);
  const body = '{"key":"a"}';
  const get = `${JSON_POST}content-length: ${body.length}\r\n\r\n${body}`;
  socket.write(`${get}HEAD /nope HTTP/1.1\r\nhost: x\r\n\r\n${get}`);
  await until(() => received().match(/HTTP\/1\.1 \d+/g)?.length === 3);
  expect(received().match(/HTTP\/1\.1 \d+/g)).toEqual([
    "HTTP/1.1 200",
    "HTTP/1.1 404",
    "HTTP/1.1 200",
  ]);
});

test("a client may close its side after its request", async () => {
  const { place } = await serveStandalone();
  const { socket, received, isOver } = open(place);
  const body = '{"key":"a"}';
  socket.end(`${JSON_POST}content-length: ${body.length}\r\n\r\n${body}`);
  await until(isOver);
  expect(received()).toMatch(/^HTTP\/1\.1 200 OK[^]*\{\}$/);
});

test("a request that is cut off does not affect others", async () => {
  const { place, logged } = await serveStandalone();
  const { socket } = open(place);
  socket.write(`${JSON_POST}content-length: 100\r\n\r\n{`, () => socket.destroy());
  await until(() => socket.destroyed);
  expect((await requestHttp1(place, { path: "/metrics" })).status).toBe(200);
  expect(logged()).not.toContain("ERROR");
});

test("bytes that are not HTTP get 400", async () => {
  const { place } = await serveStandalone();
  const { socket, received, isOver } = open(place);
  socket.write("\0\0\0 hello\r\n\r\n");
  await until(isOver);
  expect(received()).toMatch(/^HTTP\/1\.1 400 /);
});
