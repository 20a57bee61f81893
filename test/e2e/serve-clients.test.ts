import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { Cache } from "../../src/client/cache.js";
import { reducedEnvironment, until } from "../support/child-process.js";
import { startStreamingCall } from "../support/grpc-services.js";
import { repositoryRoot } from "../support/provider-process.js";
import { startServe } from "../support/serve-process.js";
import { tempDirectory } from "../support/temp-directory.js";
import { createTestCertificate, type TestCertificate } from "../support/test-certificate.js";

const run = promisify(execFile);

const GET = "http://localhost/gestalt.provider.v1.Cache/Get";
const SET = "http://localhost/gestalt.provider.v1.Cache/Set";
const JSON_BODY = ["-H", "content-type: application/json", "-d"];
/** Behind the body: status and version of HTTP. */
const OUTCOME = ["-w", "\n%{http_code} %{http_version}"];

async function curl(...args: string[]): Promise<string> {
  const always = ["--silent", "--show-error", "--max-time", "10", "--noproxy", "*"];
  const { stdout } = await run("curl", [...always, ...args], { env: reducedEnvironment() });
  return stdout;
}

test.each([
  ["1.1", []],
  ["2", ["--http2-prior-knowledge"]],
  // Asks for an upgrade, which is politely ignored.
  ["1.1", ["--http2"]],
])("curl, HTTP/%s %j, gets JSON over the socket, and metrics over TCP", async (version, flags) => {
  const directory = tempDirectory();
  const addresses = ["--listen", join(directory, "cache.sock"), "--listen", "tcp://127.0.0.1:0"];
  const { target, stderr } = await startServe(addresses);
  const socket = [...flags, "--unix-socket", target];
  const set = JSON.stringify({ key: "ä", value: btoa("one"), ttl: "60s" });
  expect(await curl(...socket, ...OUTCOME, ...JSON_BODY, set, SET)).toBe(`{}\n200 ${version}`);
  expect(await curl(...socket, ...OUTCOME, ...JSON_BODY, '{"key":"ä"}', GET)).toBe(
    `${JSON.stringify({ found: true, value: btoa("one") })}\n200 ${version}`,
  );
  const negative = JSON.stringify({ key: "a", ttl: "-1s" });
  expect(await curl(...socket, ...OUTCOME, ...JSON_BODY, negative, SET)).toBe(
    `{"code":"invalid_argument","message":"ttl must be >= 0 (got -1 s and 0 ns)"}\n400 ${version}`,
  );
  const address = /address=tcp:\/\/(127\.0\.0\.1:\d+)/;
  await until(() => address.test(stderr()));
  const [, authority = ""] = address.exec(stderr()) ?? [];
  const page = await curl(...flags, ...OUTCOME, `http://${authority}/metrics`);
  expect(page).toContain('gestalt_cache_hits_total{binding=""} 1\n');
  expect(page).toMatch(new RegExp(`\\n200 ${version.replace(".", "\\.")}$`));
});

test("curl and a plugin use the cache over TLS with a token", async () => {
  const { certificatePath, keyPath } = createTestCertificate();
  const tokenFile = join(tempDirectory(), "token");
  writeFileSync(tokenFile, "s3cret\n", { mode: 0o644 });
  const serving = await startServe([
    ...["--listen", "tls://127.0.0.1:0", "--bind", "session"],
    ...["--tls-cert", certificatePath, "--tls-key", keyPath, "--token-file", tokenFile],
  ]);
  const url = `${serving.target.replace("tls:", "https:")}/metrics`;
  await expect(curl(url)).rejects.toThrow(/certificate/);
  const trusted = ["--cacert", certificatePath, ...OUTCOME, "--output", "/dev/null"];
  expect(await curl(...trusted, url)).toBe("\n401 2");
  expect(await curl(...trusted, "--http1.1", url)).toBe("\n401 1.1");
  expect(await curl(...trusted, "-H", "authorization: Bearer wrong", url)).toBe("\n401 2");
  expect(await curl(...trusted, "-H", "authorization: Bearer s3cret", url)).toBe("\n200 2");

  const { stdout } = await run("sh", ["-c", `${serving.stdout()}env`]);
  const env: Record<string, string> = Object.fromEntries(
    Array.from(stdout.matchAll(/^(\w+)=(.*)$/gm), ([, name = "", value = ""]) => [name, value]),
  );
  expect(env).toMatchObject({
    GESTALT_CACHE_SOCKET_SESSION_TOKEN: "s3cret",
    GESTALT_HOST_SERVICE_TLS_CA_FILE: certificatePath,
  });
  await using cache = new Cache("session", { environment: env });
  await cache.set("key", Buffer.from("1"));
  await using stranger = new Cache("session", {
    environment: { ...env, GESTALT_CACHE_SOCKET_SESSION_TOKEN: "wrong" },
  });
  await expect(stranger.get("key")).rejects.toThrow("the token is wrong");

  expect(serving.stderr()).toContain("every user of this machine can read the token");
  expect(serving.stdout() + serving.stderr()).not.toContain("s3cret");
});

test("curl reaches serve with --tls-client-ca only with a client certificate", async () => {
  const server = createTestCertificate();
  const client = createTestCertificate("client");
  const { target } = await startServe([
    ...["--listen", "tls://127.0.0.1:0", "--tls-client-ca", client.certificatePath],
    ...["--tls-cert", server.certificatePath, "--tls-key", server.keyPath],
  ]);
  const url = `${target.replace("tls:", "https:")}/metrics`;
  const trusted = ["--cacert", server.certificatePath, ...OUTCOME, "--output", "/dev/null"];
  const show = ({ certificatePath, keyPath }: TestCertificate): string[] => [
    ...["--cert", certificatePath, "--key", keyPath],
  ];
  expect(await curl(...trusted, ...show(client), url)).toBe("\n200 2");
  await expect(curl(...trusted, url)).rejects.toThrow();
  await expect(curl(...trusted, ...show(createTestCertificate("client")), url)).rejects.toThrow();
});

test("a health watcher is notified of the stop, and does not delay it", async () => {
  const { target, signal, ended } = await startServe();
  const call = startStreamingCall(`unix://${target}`, "grpc.health.v1.Health", "Watch", {});
  await until(() => call.replies.length > 0);
  const stoppedMs = performance.now();
  signal("SIGTERM");
  expect(await ended).toEqual({ code: 0, signal: null });
  expect(performance.now() - stoppedMs).toBeLessThan(900);
  await call.ended;
  expect(call.replies).toEqual([{ status: "SERVING" }, { status: "NOT_SERVING" }]);
});

describe("buf curl over the socket", () => {
  const buf = join(repositoryRoot, "node_modules/.bin/buf");
  const grpc = ["--protocol", "grpc", "--http2-prior-knowledge"];

  async function bufCurl(socket: string, ...args: string[]): Promise<string> {
    const env = { ...reducedEnvironment(), BUF_CACHE_DIR: tempDirectory() };
    const flags = ["curl", "--unix-socket", socket, ...args];
    return (await run(buf, flags, { env })).stdout;
  }

  test("needs only reflection", async () => {
    const { target } = await startServe();
    const services = await bufCurl(target, ...grpc, "--list-services", "http://localhost");
    expect(services.trim().split("\n")).toEqual([
      "gestalt.provider.v1.Cache",
      "gestalt_cache_memory.v1.Control",
      "gestalt_cache_memory.v1.StatisticsService",
      "grpc.health.v1.Health",
      "grpc.reflection.v1.ServerReflection",
      "grpc.reflection.v1alpha.ServerReflection",
    ]);
    const set = JSON.stringify({ key: "a", value: btoa("one"), ttl: "60s" });
    await bufCurl(target, ...grpc, "-d", set, SET);
    expect(JSON.parse(await bufCurl(target, ...grpc, "-d", '{"key":"a"}', GET))).toEqual({
      found: true,
      value: btoa("one"),
    });
  });

  test("calls in each protocol with the package's schema", async () => {
    const { target } = await startServe();
    const schema = ["--schema", join(repositoryRoot, "proto")];
    const protocols = [grpc, ["--protocol", "grpcweb"], ["--protocol", "connect"]];
    for (const protocol of protocols) {
      const found = await bufCurl(target, ...protocol, ...schema, "-d", '{"key":"a"}', GET);
      expect(JSON.parse(found), protocol.join(" ")).toEqual({});
    }
  });

  test("is refused without the token", async () => {
    const { target } = await startServe(["--token", "s3cret"]);
    const header = ["-H", "x-gestalt-host-service-relay-token: s3cret"];
    const schema = ["--schema", join(repositoryRoot, "proto")];
    const get = [...grpc, ...schema, "-d", '{"key":"a"}', GET];
    expect(JSON.parse(await bufCurl(target, ...header, ...get))).toEqual({});
    await expect(bufCurl(target, ...get)).rejects.toThrow("unauthenticated");
  });
});

test("the log lists calls in JSON, without keys and values", async () => {
  const serving = await startServe(["--log-format", "json", "--log-level", "debug"]);
  const set = JSON.stringify({ key: "secret-key", value: btoa("secret-value") });
  const socket = ["--unix-socket", serving.target];
  await curl(...socket, ...JSON_BODY, set, SET);
  await curl(...socket, ...JSON_BODY, '{"key":"secret-key","ttl":"x"}', SET);
  await curl(...socket, ...JSON_BODY, '{"key":["secret-key"]}', GET);
  serving.signal("SIGTERM");
  await serving.ended;
  const entries = serving
    .stderr()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const messages = entries.map(({ level, message }) => [level, message]);
  expect(messages).toEqual([
    ["info", "serving"],
    ["info", "listening"],
    ["debug", "call"],
    ["info", "served"],
  ]);
  expect(entries[2]).toMatchObject({ method: "Set", status: "ok" });
  expect(entries[3]).toMatchObject({ sets: 1, entries: 1 });
  expect(serving.stderr()).not.toMatch(/secret|c2VjcmV0/);
});

test("--log-level error prints nothing without an error", async () => {
  const serving = await startServe(["--log-level", "error"]);
  serving.signal("SIGTERM");
  await serving.ended;
  expect(serving.stderr()).toBe("");
});

test("--insecure-no-token serves a reachable address, with a warning", async () => {
  const serving = await startServe(["--listen", "tcp://0.0.0.0:0", "--insecure-no-token"]);
  expect(serving.target).toMatch(/^tcp:\/\/127\.0\.0\.1:\d+$/);
  expect(serving.stderr()).toContain(
    "WARN  tcp://0.0.0.0:0: anyone who can connect can read and change all entries",
  );
  await using cache = new Cache("", { environment: serving.exported });
  expect(await cache.get("key")).toBeUndefined();
});
