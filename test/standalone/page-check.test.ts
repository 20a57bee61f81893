import { connect as connectHttp2 } from "node:http2";
import { connect as connectTls } from "node:tls";
import { describe, expect, onTestFinished, test } from "vitest";
import { createPageCheck } from "../../src/standalone/page-check.js";
import { createGrpcClient } from "../support/grpc-client.js";
import { requestHttp1, requestHttp2 } from "../support/http-request.js";
import { serveStandalone } from "../support/standalone.js";
import { createTestCertificate } from "../support/test-certificate.js";

const LOOPBACK = { kind: "tcp", host: "127.0.0.1", port: 0 } as const;

const LOCAL_HOSTS = [
  "localhost",
  "LocalHost:7070",
  "localhost.",
  "cache.localhost:80",
  "127.0.0.1",
  "127.0.0.1:7070",
  "127.9.8.7",
  "[::1]",
  "[::1]:7070",
  "[::ffff:127.0.0.1]",
  "[::ffff:7f00:1]:7070",
  "[::FFFF:7FAB:CDEF]",
  "[0:0:0:0:0:0:0:1]",
  "127.1:7070",
  "2130706433",
];

const nodeMajor = Number(process.versions.node.split(".")[0]);

const FOREIGN_HOSTS = [
  "attacker.example",
  "attacker.example:7070",
  "localhost.attacker.example",
  "127.0.0.1.attacker.example",
  "notlocalhost",
  "localhost@attacker.example",
  "10.0.0.1",
  "0.0.0.0:7070",
  "127.0.0.300",
  "[::2]:7070",
  "[::ffff:10.0.0.1]",
  "[::ffff:7f:1]",
  "[::ffff:7f00:1].attacker.example",
  "localhost..",
  "[::1].attacker.example",
];

/** The pages that there are, and some that there are not. */
const PAGES = [
  ["GET", "/metrics", 200],
  ["HEAD", "/metrics", 200],
  ["GET", "/metrics?x=1", 200],
  ["GET", "/", 404],
  ["GET", "/gestalt.provider.v1.Cache/Get", 404],
  ["OPTIONS", "/metrics", 405],
  ["DELETE", "/", 405],
] as const;

describe.each([
  ["HTTP/1.1", requestHttp1, "host"],
  ["HTTP/2", requestHttp2, ":authority"],
] as const)("on a loopback address, over %s", (version, request, hostHeader) => {
  test.each(LOCAL_HOSTS)("pages are served for the host %s", async (host) => {
    const { place } = await serveStandalone({ address: LOOPBACK });
    const headers = { [hostHeader]: host };
    expect((await request(place, { path: "/metrics", headers })).status).toBe(200);
  });

  test.each(FOREIGN_HOSTS)("no page is served for the host %s", async (host) => {
    // The HTTP/2 library of Node 22 and later resets a request with such an authority.
    const isReset = version === "HTTP/2" && host.includes("@") && nodeMajor >= 22;
    const { place, logged } = await serveStandalone({ address: LOOPBACK });
    const headers = { [hostHeader]: host };
    if (isReset) {
      const asking = request(place, { path: "/metrics", headers });
      await expect(asking).rejects.toThrow("NGHTTP2_PROTOCOL_ERROR");
      return;
    }
    for (const [method, path] of PAGES) {
      const answer = await request(place, { method, path, headers });
      expect([method, path, answer.status]).toEqual([method, path, 403]);
      expect(answer.body).not.toContain("gestalt_cache_");
      if (method !== "HEAD") expect(answer.body).toContain(`the host \\"${host}\\"`);
    }
    expect(logged()).toContain(
      "WARN  request refused: pages and Control are not served for the host",
    );
  });

  test.each(PAGES)("%s %s is %i for localhost", async (method, path, status) => {
    const { place } = await serveStandalone({ address: LOOPBACK });
    const headers = { [hostHeader]: "localhost" };
    expect((await request(place, { method, path, headers })).status).toBe(status);
  });

  test("calls are served for any host", async () => {
    const { place } = await serveStandalone({ address: LOOPBACK });
    const headers = { [hostHeader]: "attacker.example", "content-type": "application/json" };
    const path = "/gestalt.provider.v1.Cache/Get";
    const call = { method: "POST", path, headers, body: "{}" };
    expect((await request(place, call)).status).toBe(200);
    const page = { ...headers, origin: "http://attacker.example" };
    expect((await request(place, { ...call, headers: page })).status).toBe(403);
  });

  test("with a token, pages are served for any host", async () => {
    const { place } = await serveStandalone({ address: LOOPBACK, token: "s3cret" });
    const headers = { [hostHeader]: "cache.example" };
    const authorization = "Bearer s3cret";
    expect((await request(place, { path: "/metrics", headers })).status).toBe(401);
    const asked = { path: "/metrics", headers: { ...headers, authorization } };
    expect((await request(place, asked)).status).toBe(200);
  });

  test("on a Unix socket, pages are served for any host", async () => {
    const { place } = await serveStandalone();
    const headers = { [hostHeader]: "cache.example" };
    expect((await request(place, { path: "/metrics", headers })).status).toBe(200);
  });

  test("an address for all interfaces is checked for loopback connections", async () => {
    const { place } = await serveStandalone({ address: { ...LOOPBACK, host: "0.0.0.0" } });
    const ask = async (host: string): Promise<number> =>
      (await request(place, { path: "/metrics", headers: { [hostHeader]: host } })).status;
    expect([await ask("attacker.example"), await ask("localhost")]).toEqual([403, 200]);
  });
});

test("over HTTP/2, a foreign host is refused beside a local authority", async () => {
  const { place } = await serveStandalone({ address: LOOPBACK });
  const headers = { ":authority": "localhost", host: "attacker.example" };
  expect((await requestHttp2(place, { path: "/metrics", headers })).status).toBe(403);
});

test("over TLS, pages are served for any host", async () => {
  const { certificate, key } = createTestCertificate();
  const { place } = await serveStandalone({
    address: { ...LOOPBACK, kind: "tls" },
    tls: { certificate: String(certificate), key: String(key) },
  });
  const port = "port" in place ? place.port : 0;
  const session = connectHttp2("https://cache.example", {
    createConnection: () =>
      connectTls({ host: "127.0.0.1", port, ca: certificate, ALPNProtocols: ["h2"] }),
  });
  onTestFinished(() => session.destroy());
  const status = await new Promise((resolve, reject) => {
    session.once("error", reject);
    const stream = session.request({ ":path": "/metrics" });
    stream.once("response", (headers) => resolve(headers[":status"]));
  });
  expect(status).toBe(200);
});

test("gRPC clients that send another authority are served", async () => {
  const { target } = await serveStandalone({ address: LOOPBACK });
  const cache = createGrpcClient(target, "Cache", { "grpc.default_authority": "tmp%2Fx.sock" });
  expect((await cache.call("Get", { key: "a" })).code).toBe(0);
  cache.close();
});

describe("a page check", () => {
  const loopback = { localAddress: "::ffff:127.0.0.1" };

  test("accepts the names of the listening addresses", () => {
    const check = createPageCheck([{ kind: "tcp", host: "Cache.Test", port: 80 }]);
    const ask = (host: string): unknown =>
      check({ headers: { host }, target: "/metrics", socket: loopback });
    expect(ask("cache.test:80")).toBeUndefined();
    expect(ask("other.test:80")).toMatchObject({ reason: "permission_denied" });
  });

  test.each([
    ["cache.test.", "cache.test:80"],
    ["cache.test", "cache.test.:80"],
    ["b\u00fccher.test", "xn--bcher-kva.test"],
    ["2001:DB8::1", "[2001:db8:0::1]:80"],
    ["10.1", "10.0.0.1"],
  ])("accepts the listening host %s as %s", (host, asked) => {
    const check = createPageCheck([{ kind: "tcp", host, port: 80 }]);
    expect(
      check({ headers: { host: asked }, target: "/metrics", socket: loopback }),
    ).toBeUndefined();
  });

  test.each(["", ":80", "localhost:80:80", "localhost:x", "user@localhost", "localhost/x", "%6c"])(
    "refuses the malformed host %j",
    (host) => {
      const refusal = createPageCheck([])({ headers: { host }, target: "/", socket: loopback });
      expect(refusal).toMatchObject({ reason: "permission_denied" });
    },
  );

  test("reads the host of an absolute target, and ignores its Host header", () => {
    const check = createPageCheck([]);
    const ask = (target: string, host: string): unknown =>
      check({ headers: { host }, target, socket: loopback });
    expect(ask("http://localhost:80/metrics", "attacker.example")).toBeUndefined();
    expect(ask("http://attacker.example/metrics", "localhost")).toBeDefined();
    expect(ask("HTTP://attacker.example?x", "localhost")).toBeDefined();
  });

  test("accepts a request without a host, which no browser sends", () => {
    expect(createPageCheck([])({ headers: {}, target: "/", socket: loopback })).toBeUndefined();
  });

  test("does not check other addresses", () => {
    const headers = { host: "cache.example" };
    const socket = { localAddress: "10.0.0.7" };
    expect(createPageCheck([])({ headers, target: "/", socket })).toBeUndefined();
  });
});
