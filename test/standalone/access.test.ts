import * as grpc from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import { createAccessCheck } from "../../src/standalone/access-check.js";
import { createGrpcClient } from "../support/grpc-client.js";
import { callUnary, startStreamingCall } from "../support/grpc-services.js";
import { requestHttp1, requestHttp2 } from "../support/http-request.js";
import { serveStandalone } from "../support/standalone.js";

const TOKEN = "s3cret";
const HEADER = "x-gestalt-host-service-relay-token";
const UNAUTHENTICATED = 16;
const GET = "/gestalt.provider.v1.Cache/Get";

/** What a client may send instead of the token, and the error message. */
const WRONG = [
  ["no token", {}, "a token is required"],
  ["a wrong token", { [HEADER]: "s3creT" }, "the token is wrong"],
  ["an empty token", { [HEADER]: "" }, "the token is wrong"],
  ["the token twice", { [HEADER]: `${TOKEN}, ${TOKEN}` }, "the token is wrong"],
  ["another scheme", { authorization: `Basic ${TOKEN}` }, "a token is required"],
  ["a wrong bearer", { authorization: `Bearer ${TOKEN}x` }, "the token is wrong"],
] as const;

describe.each(WRONG)("a request with %s", (_, headers, message) => {
  test("is refused", () => {
    const refusal = createAccessCheck(TOKEN)(GET, headers);
    expect(refusal?.reason).toBe("unauthenticated");
    expect(refusal?.message).toContain(message);
    expect(refusal?.message).not.toContain(TOKEN);
  });
});

test.each([{ [HEADER]: TOKEN }, { authorization: `Bearer ${TOKEN}` }])(
  "a request with %j is served",
  async (headers) => {
    expect(createAccessCheck(TOKEN)(GET, headers)).toBeUndefined();
    const { place } = await serveStandalone({ token: TOKEN });
    const get = { path: GET, method: "POST", body: '{"key":"a"}' };
    const request = { ...get, headers: { ...headers, "content-type": "application/json" } };
    expect(await requestHttp1(place, request)).toMatchObject({ status: 200, body: "{}" });
    expect(await requestHttp2(place, request)).toMatchObject({ status: 200, body: "{}" });
  },
);

describe("over gRPC", () => {
  test("calls need the token", async () => {
    const { target, logged } = await serveStandalone({ token: TOKEN });
    const cache = createGrpcClient(target, "Cache");
    const call = async (token?: string): Promise<number> => {
      const metadata = new grpc.Metadata();
      if (token !== undefined) metadata.set(HEADER, token);
      return (await cache.call("Get", { key: "a" }, {}, metadata)).code;
    };
    expect([await call(), await call("wrong"), await call(TOKEN)]).toEqual([16, 16, 0]);
    cache.close();
    expect(logged()).toContain("WARN  request refused: a token is required");
    expect(logged()).not.toContain(TOKEN);
  });

  test("streams and unknown methods need the token", async () => {
    const { target } = await serveStandalone({ token: TOKEN });
    const watch = startStreamingCall(target, "grpc.health.v1.Health", "Watch", { service: "" });
    expect((await watch.ended).code).toBe(UNAUTHENTICATED);
    const { ended } = startStreamingCall(
      target,
      "grpc.reflection.v1.ServerReflection",
      "ServerReflectionInfo",
    );
    expect((await ended).code).toBe(UNAUTHENTICATED);
  });

  test("health's Check needs no token", async () => {
    const { target } = await serveStandalone({ token: TOKEN });
    const { code, reply } = await callUnary(target, "grpc.health.v1.Health", "Check", {});
    expect([code, reply]).toEqual([0, { status: "SERVING" }]);
    expect((await callUnary(target, "grpc.health.v1.Health", "List", {})).code).toBe(16);
  });
});

/** Content types and how a refusal looks in their protocol. */
const PROTOCOLS = [
  ["Connect, JSON", "application/json", 401, '{"code":"unauthenticated"'],
  ["Connect, binary", "application/proto", 401, '{"code":"unauthenticated"'],
  ["a Connect stream", "application/connect+json", 200, '{"error":{"code":"unauthenticated"'],
  ["gRPC-Web", "application/grpc-web+proto", 200, ""],
  ["nothing known", "text/plain", 401, '{"code":"unauthenticated"'],
] as const;

describe.each([
  ["HTTP/1.1", requestHttp1],
  ["HTTP/2", requestHttp2],
] as const)("over %s", (_, request) => {
  test.each(PROTOCOLS)("%s is refused in its own protocol", async (__, type, status, body) => {
    const { place } = await serveStandalone({ token: TOKEN });
    const headers = { "content-type": type };
    const answer = await request(place, { path: GET, method: "POST", headers, body: "x" });
    expect(answer.status).toBe(status);
    expect(answer.body).toContain(body);
    if (type.startsWith("application/grpc")) expect(answer.headers["grpc-status"]).toBe("16");
  });

  test.each(["/metrics", "/", "/nope"])("GET %s needs the token", async (path) => {
    const { place } = await serveStandalone({ token: TOKEN });
    const answer = await request(place, { path });
    expect([answer.status, answer.headers["www-authenticate"]]).toEqual([401, "Bearer"]);
  });

  test("health's Check needs no token", async () => {
    const { place } = await serveStandalone({ token: TOKEN });
    const path = "/grpc.health.v1.Health/Check";
    const headers = { "content-type": "application/json" };
    const answer = await request(place, { path, method: "POST", headers, body: "{}" });
    expect(answer).toMatchObject({ status: 200, body: '{"status":"SERVING"}' });
  });

  test("without a token, web pages are refused", async () => {
    const { place } = await serveStandalone();
    const headers = { "content-type": "application/json", origin: "http://example.com" };
    const post = { path: GET, method: "POST", body: '{"key":"a"}' };
    const answer = await request(place, { ...post, headers });
    expect(answer.status).toBe(403);
    expect(answer.body).toContain('{"code":"permission_denied"');
  });

  test("a web page with the token is served", async () => {
    const { place } = await serveStandalone({ token: TOKEN });
    const headers = { "content-type": "application/json", origin: "http://a.b", [HEADER]: TOKEN };
    const post = { path: GET, method: "POST", body: '{"key":"a"}' };
    expect((await request(place, { ...post, headers })).status).toBe(200);
  });

  test("a large request is refused before it is read", async () => {
    const { place } = await serveStandalone({ token: TOKEN, limits: { maxBytesInFlight: 1 } });
    const headers = { "content-type": "application/json" };
    const body = "x".repeat(3 * 2 ** 20);
    const answer = await request(place, { path: GET, method: "POST", headers, body });
    expect(answer.status).toBe(401);
  });
});
