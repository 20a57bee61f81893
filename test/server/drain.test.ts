import { existsSync } from "node:fs";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { encodeFrame, encodeHeaders, Flag } from "../abuse/support/http2-frames.js";
import { FrameType, grpcRequestFields, PREFACE } from "../abuse/support/http2-frames.js";
import { until } from "../support/child-process.js";
import { createMapProvider } from "../support/map-provider.js";
import { exchange, frame, grpcHeaders, grpcStatus, openSession } from "../support/raw-http2.js";
import { serve } from "../support/serve.js";

const GET = "/gestalt.provider.v1.Cache/Get";
const SET = "/gestalt.provider.v1.Cache/Set";
const request = frame(Buffer.from("0a016b", "hex"));

test("an idle connection does not delay close", async () => {
  const { server, path } = await serve();
  const session = openSession(path);
  await exchange(session, { headers: grpcHeaders(GET), body: [request] });
  const closed = new Promise<void>((resolve) => session.once("close", () => resolve()));
  const begun = performance.now();
  await server.close();
  expect(performance.now() - begun).toBeLessThan(500);
  expect(existsSync(path)).toBe(false);
  await closed;
  await server.close();
});

test.each(["unary-grpc", "connect"] as const)(
  "%s: close waits for calls in flight",
  async (dispatcher) => {
    let answerNow = (): void => {};
    let asked = false;
    const answering = new Promise<void>((resolve) => (answerNow = resolve));
    const provider = createMapProvider({
      get: async () => {
        asked = true;
        await answering;
        return Buffer.from("in time");
      },
    });
    const { server, path } = await serve({ provider, dispatcher });
    const answer = exchange(openSession(path), { headers: grpcHeaders(GET), body: [request] });
    await until(() => asked);
    const closing = server.close();
    expect(existsSync(path)).toBe(false);
    answerNow();
    const { body, ...rest } = await answer;
    expect(grpcStatus({ body, ...rest }).code).toBe("0");
    expect(body.toString()).toContain("in time");
    await closing;
  },
);

test("a reply that is being sent during close arrives whole", async () => {
  const provider = createMapProvider();
  await provider.set("k", Buffer.alloc(3_000_000));
  const { server, path } = await serve({ provider });
  const stream = openSession(path).request(grpcHeaders(GET));
  stream.end(request);
  let received = 0;
  stream.on("data", (chunk: Buffer) => (received += chunk.length));
  const trailers = new Promise<object>((resolve) => stream.once("trailers", resolve));
  await new Promise((resolve) => stream.once("response", resolve));
  await server.close();
  expect(await trailers).toMatchObject({ "grpc-status": "0" });
  expect(received).toBe(3_000_000 + 12);
});

test("an unfinished request does not delay close", async () => {
  const { server, path } = await serve({ limits: { drainTimeoutMs: 50 } });
  const stream = openSession(path).request(grpcHeaders(SET));
  stream.on("error", () => {});
  stream.write(frame(Buffer.alloc(10), 0, 1_000));
  await new Promise((resolve) => setImmediate(resolve));
  await server.close();
});

test("a client that neither reads nor disconnects does not delay close", async () => {
  const provider = createMapProvider();
  await provider.set("k", Buffer.alloc(3_000_000));
  const { server, path } = await serve({ provider, limits: { drainTimeoutMs: 50 } });
  const socket = connect(path);
  socket.on("error", () => {});
  socket.pause();
  const settings = Buffer.from("00047fffffff", "hex");
  const windowUpdate = Buffer.from("7fff0000", "hex");
  const fields = encodeHeaders(grpcRequestFields(GET));
  socket.write(
    Buffer.concat([
      PREFACE,
      encodeFrame(FrameType.settings, 0, 0, settings),
      encodeFrame(FrameType.windowUpdate, 0, 0, windowUpdate),
      encodeFrame(FrameType.headers, Flag.endHeaders, 1, fields),
      encodeFrame(FrameType.data, Flag.endStream, 1, request),
    ]),
  );
  await new Promise((resolve) => socket.once("readable", resolve));
  await server.close();
  socket.destroy();
});

test("close may be called twice, also under load", async () => {
  const { server, cache } = await serve();
  const calls = Array.from({ length: 200 }, () => cache.call("Get", { key: "k" }));
  await calls[0];
  await Promise.all([server.close(), server.close()]);
  const codes = new Set((await Promise.all(calls)).map(({ code }) => code));
  // 14: the call had not reached the server, and there is none any more.
  expect([...codes].every((code) => code === 0 || code === 14)).toBe(true);
});
