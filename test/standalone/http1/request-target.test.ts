import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { takeAbsoluteTarget } from "../../../src/standalone/http1/request-target.js";
import { reducedEnvironment } from "../../support/child-process.js";
import { requestHttp1 } from "../../support/http-request.js";
import { serveStandalone } from "../../support/standalone.js";

test.each([
  ["http://localhost/metrics", "/metrics", "localhost"],
  ["HTTP://localhost:7070/metrics?x=1", "/metrics?x=1", "localhost:7070"],
  ["https://[::1]:7070/a//b", "/a//b", "[::1]:7070"],
  ["http://evil.example/metrics", "/metrics", "evil.example"],
  ["http://localhost@evil.example/metrics", "/metrics", "evil.example"],
  ["http://localhost", "/", "localhost"],
  ["http://localhost?x", "/?x", "localhost"],
  ["/metrics", "/metrics", "as it was"],
  ["//localhost/metrics", "//localhost/metrics", "as it was"],
  ["http:///metrics", "http:///metrics", "as it was"],
  ["ftp://localhost/metrics", "ftp://localhost/metrics", "as it was"],
  ["*", "*", "as it was"],
])("the target %s is the path %s at the host %s", (url, path, host) => {
  const request = { url, headers: { host: "as it was" } };
  takeAbsoluteTarget(request);
  expect(request).toEqual({ url: path, headers: { host } });
});

const JSON_TYPE = { "content-type": "application/json" };

test.each([
  ["GET", "/metrics", {}, "", 200],
  ["HEAD", "/metrics?x=1", {}, "", 200],
  ["POST", "/gestalt.provider.v1.Cache/Get", JSON_TYPE, '{"key":"a"}', 200],
  ["POST", "/grpc.health.v1.Health/Check", JSON_TYPE, "{}", 200],
  ["POST", "/gestalt.provider.v1.Cache/Nope", JSON_TYPE, "{}", 404],
  ["GET", "/nothing", {}, "", 404],
  ["DELETE", "/metrics", {}, "", 405],
])(
  "%s http://localhost%s gets the same response as without the host",
  async (method, path, headers, body, status) => {
    const { place } = await serveStandalone();
    for (const target of [path, `http://localhost${path}`]) {
      const answer = await requestHttp1(place, { path: target, method, headers, body });
      expect([target, answer.status]).toEqual([target, status]);
    }
  },
);

test("absolute targets need the token, except the health check", async () => {
  const { place } = await serveStandalone({ token: "s3cret" });
  const status = async (path: string, headers = {}): Promise<number> => {
    const method = path.endsWith("/metrics") ? "GET" : "POST";
    return (await requestHttp1(place, { path, method, body: "{}", headers })).status;
  };
  expect(await status("http://localhost/metrics")).toBe(401);
  expect(await status("http://localhost/metrics", { authorization: "Bearer s3cret" })).toBe(200);
  expect(await status("http://localhost/grpc.health.v1.Health/Check", JSON_TYPE)).toBe(200);
});

test("curl can use the server as its proxy", async () => {
  const { place } = await serveStandalone({ address: { kind: "tcp", host: "127.0.0.1", port: 0 } });
  const origin = `http://127.0.0.1:${"port" in place ? place.port : 0}`;
  const args = ["--silent", "--fail", "--max-time", "10", "--proxy", origin, `${origin}/metrics`];
  const { stdout } = await promisify(execFile)("curl", args, { env: reducedEnvironment() });
  expect(stdout).toContain("gestalt_cache_server_info");
});
