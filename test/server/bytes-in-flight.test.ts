import type { ClientHttp2Session, ClientHttp2Stream } from "node:http2";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { arrayBufferBytes } from "../support/array-buffer-memory.js";
import { until } from "../support/child-process.js";
import { createMapProvider } from "../support/map-provider.js";
import { exchange, frame, grpcHeaders, grpcStatus, openSession } from "../support/raw-http2.js";
import { serveEndpoint } from "../support/serve-endpoint.js";

const MIB = 2 ** 20;
const GET = "/gestalt.provider.v1.Cache/Get";
const SET = "/gestalt.provider.v1.Cache/Set";
const CANCEL = 8;
const getBig = frame(Buffer.from("0a03626967", "hex"));
const getSmall = frame(Buffer.from("0a03736d6c", "hex"));

const provider = createMapProvider();
await provider.set("big", Buffer.alloc(3 * MIB));
await provider.set("sml", Buffer.alloc(100));

/** Asks for the big value and does not read it. */
function leaveLying(session: ClientHttp2Session): ClientHttp2Stream {
  const stream = session.request(grpcHeaders(GET));
  stream.on("error", () => {});
  stream.end(getBig);
  return stream.pause();
}

const sum = (numbers: number[]): number => numbers.reduce((total, number) => total + number, 0);

describe.each(["unary-grpc", "connect"] as const)("%s", (dispatcher) => {
  test("100 unread replies are bounded, and other clients are served", async () => {
    const logged = vi.spyOn(console, "error");
    onTestFinished(() => logged.mockRestore());
    const { path, context } = await serveEndpoint({ provider, dispatcher });
    const before = arrayBufferBytes();
    const sessions = [1, 2].map(() => openSession(path));
    const streams = sessions.flatMap((session) =>
      Array.from({ length: 50 }, () => leaveLying(session)),
    );
    await until(() => context.calls.size === streams.length && context.budget.heldBytes > 10 * MIB);
    const other = openSession(path);
    for (let round = 0; round < 20; round++) {
      const answer = await exchange(other, { headers: grpcHeaders(GET), body: [getSmall] });
      expect(grpcStatus(answer).code).toBe("0");
      expect(context.budget.heldBytes).toBeLessThanOrEqual(64 * MIB);
    }
    // What was collected goes when the collector's own threads come to it.
    await until(() => arrayBufferBytes() - before < 80 * MIB);
    for (const session of sessions) session.destroy();
    await until(() => context.calls.size === 0);
    expect(context.budget.heldBytes).toBe(0);
    // A client that hangs up is nothing to tell people about.
    expect(logged).not.toHaveBeenCalled();
  });
});

test("a client that reads receives 40 large replies that it requested at once", async () => {
  const { path, context } = await serveEndpoint({ provider });
  const session = openSession(path);
  const answers = await Promise.all(
    Array.from({ length: 40 }, () =>
      exchange(session, { headers: grpcHeaders(GET), body: [getBig] }),
    ),
  );
  expect(new Set(answers.map((answer) => grpcStatus(answer).code))).toEqual(new Set(["0"]));
  expect(sum(answers.map(({ body }) => body.length))).toBeGreaterThanOrEqual(120 * MIB);
  await until(() => context.calls.size === 0);
  expect(context.budget.heldBytes).toBe(0);
});

test("many connections share one budget, and a call that does not fit is RESOURCE_EXHAUSTED", async () => {
  const { path, context } = await serveEndpoint({
    provider,
    limits: { maxBytesInFlight: 20 * MIB, maxUnreadReplyBytes: 4 * MIB },
  });
  const sessions = Array.from({ length: 30 }, () => openSession(path));
  for (const session of sessions) leaveLying(session);
  await until(() => context.budget.heldBytes > 17 * MIB);
  const other = openSession(path);
  const refused = await exchange(other, { headers: grpcHeaders(GET), body: [getBig] });
  expect(grpcStatus(refused)).toMatchObject({
    code: "8",
    message: expect.stringMatching(
      /^no room for a reply of 31457\d\d bytes: \d+ of 20971520 bytes are in flight; try again$/,
    ) as string,
  });
  const served = await exchange(other, { headers: grpcHeaders(GET), body: [getSmall] });
  expect(grpcStatus(served).code).toBe("0");
  expect(context.budget.heldBytes).toBeLessThanOrEqual(20 * MIB);
});

test("a request counts by the bytes that have arrived, not by its declared length", async () => {
  const { path, context } = await serveEndpoint({ limits: { maxBytesInFlight: 4 * MIB } });
  const session = openSession(path);
  const streams = Array.from({ length: 20 }, () => {
    const stream = session.request(grpcHeaders(SET));
    stream.on("error", () => {});
    stream.write(frame(Buffer.alloc(20_000), 0, 4 * MIB));
    return stream;
  });
  await until(() => context.budget.heldBytes >= 20 * 20_000);
  expect(context.budget.heldBytes).toBeLessThan(20 * 70_000);
  for (const stream of streams) stream.write(Buffer.alloc(400_000));
  await until(() => context.calls.size < streams.length);
  const refused = await exchange(session, {
    headers: grpcHeaders(SET),
    body: [frame(Buffer.alloc(4 * MIB - 100))],
  });
  expect(grpcStatus(refused).code).toBe("8");
  expect(grpcStatus(refused).message).toMatch(/^no room for this request: .* try again$/);
  // One by one: destroying a session in the middle of uploads can send Node 20's own
  // client into an endless loop.
  for (const stream of streams) stream.close(CANCEL);
  await until(() => context.calls.size === 0);
  expect(context.budget.heldBytes).toBe(0);
});

test("a request of the largest size fits", async () => {
  const limits = { maxBytesInFlight: 8 * MIB, maxRequestBytes: 8 * MIB };
  const provider = createMapProvider({ maxEntryBytes: Infinity });
  const { path, context } = await serveEndpoint({ provider, limits });
  const value = Buffer.concat([Buffer.from("12fbffff03", "hex"), Buffer.alloc(8 * MIB - 5)]);
  const body = [frame(value)];
  const answer = await exchange(openSession(path), { headers: grpcHeaders(SET), body });
  expect(grpcStatus(answer)).toEqual({ code: "0", message: "" });
  await until(() => context.budget.heldBytes === 0);
});

test("a reply that stays unread is reset after writeStallTimeoutMs", async () => {
  const { path, context } = await serveEndpoint({
    provider,
    limits: { writeStallTimeoutMs: 30, sweepIntervalMs: 10 },
  });
  const stream = leaveLying(openSession(path));
  await until(() => context.budget.heldBytes > 0);
  await until(() => context.calls.size === 0 && context.budget.heldBytes === 0);
  stream.resume();
  await until(() => stream.closed);
  expect(stream.rstCode).not.toBe(0);
});
