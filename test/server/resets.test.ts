import { connect, type ClientHttp2Session } from "node:http2";
import { connect as connectSocket } from "node:net";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { until } from "../support/child-process.js";
import type { GrpcOutcome } from "../support/grpc-client.js";
import { createMapProvider } from "../support/map-provider.js";
import { exchange, frame, grpcHeaders, grpcStatus, openSession } from "../support/raw-http2.js";
import { serveEndpoint } from "../support/serve-endpoint.js";

const GET = "/gestalt.provider.v1.Cache/Get";
const SET = "/gestalt.provider.v1.Cache/Set";
const request = frame(Buffer.from("0a016b", "hex"));
const CANCEL = 8;

const ask = async (path: string): Promise<string> =>
  grpcStatus(await exchange(openSession(path), { headers: grpcHeaders(GET), body: [request] }))
    .code;

test("evicted calls log nothing", async () => {
  const log = vi.spyOn(console, "error").mockReturnValue(undefined);
  onTestFinished(() => log.mockRestore());
  const { openCache } = await serveEndpoint({
    dispatcher: "connect",
    limits: { maxConcurrentCalls: 5 },
  });
  const cache = openCache();
  const calls = Array.from({ length: 100 }, () => cache.call("Get", { key: "a" }));
  const codes = new Set((await Promise.all(calls)).map(({ code }) => code));
  expect(codes).toContain(8);
  expect(log).not.toHaveBeenCalled();
});

// More than HTTP/2 itself lets pass: 1,000, and 33 a second.
test.each([
  ["unary-grpc", 1_500],
  ["connect", 1_200],
] as const)("%s: %d cancellations do not affect other calls", async (dispatcher, count) => {
  let answerAll = (): void => {};
  const asked = new Promise<undefined>((resolve) => (answerAll = () => resolve(undefined)));
  const provider = createMapProvider({
    get: (key) => (key === "cancelled" ? new Promise(() => {}) : asked),
  });
  const served = await serveEndpoint({ dispatcher, provider });
  const cache = served.openCache();
  const inFlight: Promise<GrpcOutcome>[] = [];
  for (let cancelled = 0; cancelled < count; cancelled += 50) {
    if (cancelled % 250 === 0) inFlight.push(cache.call("Get", { key: "other" }));
    const calls = Array.from({ length: 50 }, () => cache.start("Get", { key: "cancelled" }));
    const before = inFlight.length;
    await until(() => served.context.calls.size === before + 50);
    for (const cancel of calls) cancel();
    await until(() => served.context.calls.size === before);
  }
  answerAll();
  const codes = (await Promise.all(inFlight)).map(({ code }) => code);
  expect(codes).toEqual(inFlight.map(() => 0));
});

/** More than a client may reset before it is asked to use another connection. */
const MANY_RESETS = 300;

/** Opens a session whose client takes no byte of any reply. */
function openUnreading(path: string): { session: ClientHttp2Session; isRetired: () => boolean } {
  const session = connect("http://localhost", {
    createConnection: () => connectSocket(path),
    settings: { initialWindowSize: 0 },
  });
  let isRetired = false;
  session.on("error", () => {});
  session.on("goaway", () => (isRetired = true));
  onTestFinished(() => session.destroy());
  return { session, isRetired: () => isRetired };
}

describe.each(["unary-grpc", "connect"] as const)("%s: resets by the server", (dispatcher) => {
  test.each([
    ["of unread replies", { writeStallTimeoutMs: 20, sweepIntervalMs: 5 }],
    ["of evicted calls", { maxConcurrentCalls: 5 }],
  ])("%s do not count against the client", async (_title, limits) => {
    const { path } = await serveEndpoint({ dispatcher, limits });
    const { session, isRetired } = openUnreading(path);
    let resets = 0;
    for (let sent = 0; sent < MANY_RESETS; sent++) {
      const stream = session.request(grpcHeaders(GET));
      stream.on("error", () => {});
      stream.once("close", () => (resets += stream.rstCode === CANCEL ? 1 : 0));
      stream.end(request);
      await new Promise((resolve) => stream.once("response", resolve));
    }
    await until(() => resets >= MANY_RESETS - 5);
    await new Promise((resolve) => session.ping(resolve));
    expect(isRetired()).toBe(false);
  });

  test("of refused uploads do not count against the client", async () => {
    const { path } = await serveEndpoint({ dispatcher, limits: { maxRequestBytes: 1_000 } });
    const { session, isRetired } = openUnreading(path);
    const upload = Buffer.concat([frame(Buffer.alloc(0), 0, 2_000), Buffer.alloc(1_500)]);
    for (let sent = 0; sent < MANY_RESETS; sent++) {
      const stream = session.request(grpcHeaders(SET));
      stream.on("error", () => {});
      stream.write(upload);
      // As clients do that have their answer and more to send.
      stream.once("response", () => stream.close(CANCEL));
      await new Promise((resolve) => stream.once("close", resolve));
    }
    expect(isRetired()).toBe(false);
  });
});

test("endless rapid resets close the connection", async () => {
  const { path, connections } = await serveEndpoint();
  const session = openSession(path);
  session.on("goaway", () => {});
  await until(() => connections.size === 1);
  const isOpen = (): boolean => !session.closed && !session.destroyed;
  let sent = 0;
  while (isOpen() && sent < 50_000) {
    for (let count = 0; count < 50 && isOpen(); count++, sent++) {
      const stream = session.request(grpcHeaders(GET));
      stream.on("error", () => {});
      stream.close(CANCEL);
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(sent).toBeLessThan(50_000);
  await until(() => connections.size === 0);
  expect(await ask(path)).toBe("0");
});
