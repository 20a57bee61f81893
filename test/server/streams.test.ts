import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { grpcRequestFields } from "../abuse/support/http2-frames.js";
import { openRawHeaderClient } from "../abuse/support/raw-headers.js";
import { until } from "../support/child-process.js";
import { createMapProvider } from "../support/map-provider.js";
import { exchange, frame, grpcHeaders, grpcStatus, openSession } from "../support/raw-http2.js";
import { serveEndpoint } from "../support/serve-endpoint.js";
import { serve } from "../support/serve.js";

const GET = "/gestalt.provider.v1.Cache/Get";
const SET = "/gestalt.provider.v1.Cache/Set";
const request = frame(Buffer.from("0a016b", "hex"));
const CANCEL = 8;

const AUTHORITIES = ["tmp%2Fx.sock", "%2F", "[::1", ":", "x:99999", "localhost", "-"];

describe.each(["lean", "connect"] as const)("%s", (dispatcher) => {
  test.each(AUTHORITIES)("any :authority is served: %j", async (authority) => {
    const { path } = await serveEndpoint({ dispatcher });
    const session = openSession(path);
    const headers = grpcHeaders(GET, { ":authority": authority });
    expect(grpcStatus(await exchange(session, { headers, body: [request] })).code).toBe("0");
    const json = { ...headers, "content-type": "application/json" };
    const answer = await exchange(session, { headers: json, body: [Buffer.from("{}")] });
    expect(answer.headers[":status"]).toBe("200");
  });

  test.each([undefined, ...AUTHORITIES])(
    "a call without :authority is served, with host: %j",
    async (host) => {
      const { path } = await serveEndpoint({ dispatcher });
      const client = await openRawHeaderClient(connect(path));
      const fields = grpcRequestFields(GET).filter(([name]) => name !== ":authority");
      if (host !== undefined) fields.push(["host", host]);
      const json = fields.map(([name, value]) => {
        return [name, name === "content-type" ? "application/json" : value] as const;
      });
      // HTTP/2 itself asks for one of the two.
      const isRefused = host === undefined;
      const { status } = await client.call(fields, request);
      expect(status).toBe(isRefused ? "reset 1" : "0");
      const { status: jsonStatus } = await client.call(json, Buffer.from("{}"));
      expect(jsonStatus).toBe(isRefused ? "reset 1" : "http 200");
      // Neither concerns other calls of the connection.
      expect((await client.call(grpcRequestFields(GET), request)).status).toBe("0");
      expect(client.isOver).toBe(false);
    },
  );

  test("an :authority with a user is served, or refused by newer HTTP/2 itself", async () => {
    const { path } = await serveEndpoint({ dispatcher });
    const client = await openRawHeaderClient(connect(path));
    const ordinary = grpcRequestFields(GET);
    const odd = ordinary.map(
      ([name, value]) => [name, name === ":authority" ? "@:@" : value] as const,
    );
    expect(["0", "reset 1"]).toContain((await client.call(odd, request)).status);
    expect((await client.call(ordinary, request)).status).toBe("0");
  });

  test.each(["//[::1", "/?", "//", "/%", "/\u00ff", `/${"x".repeat(10_000)}`])(
    "a request with any :path receives a reply: %j",
    async (target) => {
      const { path } = await serveEndpoint({ dispatcher });
      const session = openSession(path);
      const headers = grpcHeaders(target);
      const answer = await exchange(session, { headers, body: [request] });
      const status = answer.headers[":status"] === "404" ? "12" : grpcStatus(answer).code;
      expect(status).toBe("12");
      const json = { ...headers, "content-type": "application/json" };
      expect((await exchange(session, { headers: json })).headers[":status"]).toBe("404");
    },
  );

  test("a client that resets its call leaves nothing behind", async () => {
    const provider = createMapProvider({ get: () => new Promise(() => {}) });
    const { path, context } = await serveEndpoint({ dispatcher, provider });
    const session = openSession(path);
    const streams = [
      session.request(grpcHeaders(GET)),
      session.request(grpcHeaders(SET)),
      session.request(grpcHeaders(GET)),
    ];
    for (const stream of streams) stream.on("error", () => {});
    streams[0]?.end(request);
    streams[1]?.write(frame(Buffer.alloc(10), 0, 100_000));
    await until(() => context.calls.size === 3);
    for (const stream of streams) stream.close(CANCEL);
    await until(() => context.calls.size === 0);
    expect(context.budget.heldBytes).toBe(0);
  });

  test("a client that disconnects leaves nothing behind", async () => {
    const { path, context } = await serveEndpoint({ dispatcher });
    const session = openSession(path);
    const stream = session.request(grpcHeaders(SET));
    stream.on("error", () => {});
    stream.write(frame(Buffer.alloc(10_000), 0, 100_000));
    await until(() => context.budget.heldBytes > 0);
    session.destroy();
    await until(() => context.calls.size === 0 && context.budget.heldBytes === 0);
  });

  test("a reply waits for a slow reader, and arrives whole", async () => {
    const provider = createMapProvider();
    const value = Buffer.alloc(3_000_000, "x");
    await provider.set("k", value);
    const { path, context } = await serveEndpoint({ dispatcher, provider });
    const stream = openSession(path).request(grpcHeaders(GET));
    stream.end(request);
    stream.pause();
    await until(() => context.budget.heldBytes >= value.length);
    let received = 0;
    stream.on("data", (chunk: Buffer) => (received += chunk.length));
    stream.resume();
    const trailers = await new Promise<object>((resolve) => stream.once("trailers", resolve));
    expect(trailers).toMatchObject({ "grpc-status": "0" });
    expect(received).toBe(5 + 2 + 5 + value.length);
    await until(() => context.calls.size === 0);
    expect(context.budget.heldBytes).toBe(0);
  });

  test("a connection stays usable after a request was refused before its end", async () => {
    const { path } = await serveEndpoint({ dispatcher, limits: { maxRequestBytes: 100_000 } });
    const session = openSession(path);
    for (let round = 0; round < 20; round++) {
      const stream = session.request(grpcHeaders(SET));
      stream.on("error", () => {});
      stream.resume();
      stream.end(frame(Buffer.alloc(500_000)));
      await new Promise<void>((resolve) => stream.once("close", () => resolve()));
    }
    const answer = await exchange(session, { headers: grpcHeaders(GET), body: [request] });
    expect(grpcStatus(answer).code).toBe("0");
  });
});

test("grpc-js receives the status of a request that is refused while it is being sent", async () => {
  const { cache } = await serve({ limits: { maxRequestBytes: 1_000_000 } });
  const { code, details } = await cache.call("Set", { key: "k", value: Buffer.alloc(30_000_000) });
  expect(code).toBe(8);
  expect(details).toMatch(/^request message is 300000\d\d bytes, the limit is 1000000$/);
  expect((await cache.call("Get", { key: "k" })).code).toBe(0);
});
