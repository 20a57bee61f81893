import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { Cache } from "../../src/client/cache.js";
import { reducedEnvironment, startProcess } from "../support/child-process.js";
import { requestHttp1 } from "../support/http-request.js";
import { commandUnderTest } from "../support/provider-process.js";
import { startServe } from "../support/serve-process.js";
import { tempDirectory, tempSocketPath } from "../support/temp-directory.js";

const text = (bytes: Uint8Array | undefined): string | undefined =>
  bytes === undefined ? undefined : Buffer.from(bytes).toString();

test("two bindings share nothing, by any variable", async () => {
  const XDG_RUNTIME_DIR = tempDirectory();
  const serving = await startServe(["--bind", "session", "--bind", "rate-limit"], {
    XDG_RUNTIME_DIR,
  });
  const directory = join(XDG_RUNTIME_DIR, "gestalt-cache-memory");
  expect(serving.exported).toEqual({
    GESTALT_CACHE_SOCKET_SESSION: join(directory, "binding-session.sock"),
    GESTALT_CACHE_SOCKET_RATE_LIMIT: join(directory, "binding-rate_limit.sock"),
    GESTALT_HOST_SERVICE_SOCKET: join(directory, "cache.sock"),
    GESTALT_HOST_SERVICES: "cache",
  });

  const { GESTALT_HOST_SERVICE_SOCKET, ...older } = serving.exported;
  const newer = { GESTALT_HOST_SERVICE_SOCKET: GESTALT_HOST_SERVICE_SOCKET ?? "" };
  await using session = new Cache("session", { environment: older });
  await using rateLimit = new Cache("rate-limit", { environment: older });
  await session.set("key", Buffer.from("of session"));
  expect(await rateLimit.get("key")).toBeUndefined();
  await rateLimit.set("key", Buffer.from("of rate-limit"));
  await using sharedSession = new Cache("session", { environment: newer });
  await using sharedRateLimit = new Cache("rate-limit", { environment: newer });
  expect(text(await sharedSession.get("key"))).toBe("of session");
  expect(text(await sharedRateLimit.get("key"))).toBe("of rate-limit");
  await using nobody = new Cache("nobody", { environment: newer });
  await expect(nobody.get("key")).rejects.toThrow('cache binding "nobody" is not available');

  const { body } = await requestHttp1(
    { socketPath: newer.GESTALT_HOST_SERVICE_SOCKET },
    { path: "/metrics" },
  );
  expect(body).toContain('gestalt_cache_hits_total{binding="session"} 1\n');
  expect(body).toContain(
    'gestalt_cache_calls_total{binding="rate-limit",method="Get",status="ok"} 2\n',
  );

  serving.signal("SIGTERM");
  expect(await serving.ended).toEqual({ code: 0, signal: null });
  expect(Object.values(serving.exported).filter(existsSync)).toEqual([]);
  expect(serving.stderr()).toMatch(/ served 1 read .* binding=session\n/);
});

test("each binding has its own address, and one address serves all", async () => {
  const own = tempSocketPath();
  const serving = await startServe([
    ...["--bind", `session=${own}`, "--bind", "other=tcp://127.0.0.1:0"],
    ...["--listen", "tcp://127.0.0.1:0"],
  ]);
  const { exported } = serving;
  expect(exported["GESTALT_CACHE_SOCKET_SESSION"]).toBe(own);
  expect(exported["GESTALT_CACHE_SOCKET_OTHER"]).toMatch(/^tcp:\/\/127\.0\.0\.1:[1-9]\d+$/);
  expect(exported["GESTALT_HOST_SERVICE_SOCKET"]).not.toBe(exported["GESTALT_CACHE_SOCKET_OTHER"]);
  expect(statSync(own).mode & 0o777).toBe(0o600);
  await using other = new Cache("other", { environment: exported });
  await other.set("key", Buffer.from("1"));
  await using session = new Cache("session", { environment: exported });
  expect(await session.get("key")).toBeUndefined();
});

test("one binding also has the short variable", async () => {
  const { exported, target } = await startServe(["--bind", "session"]);
  expect(exported).toEqual({
    GESTALT_CACHE_SOCKET: target,
    GESTALT_CACHE_SOCKET_SESSION: target,
    GESTALT_HOST_SERVICE_SOCKET: target,
    GESTALT_HOST_SERVICES: "cache",
  });
  await using cache = new Cache("", { environment: exported });
  await cache.set("key", Buffer.from("1"));
  await using named = new Cache("session", { environment: exported });
  expect(text(await named.get("key"))).toBe("1");
});

test("without --bind, one cache serves every binding", async () => {
  const { exported } = await startServe();
  const { GESTALT_HOST_SERVICE_SOCKET = "" } = exported;
  await using one = new Cache("one", { environment: { GESTALT_HOST_SERVICE_SOCKET } });
  await one.set("key", Buffer.from("1"));
  await using other = new Cache("", { environment: exported });
  expect(text(await other.get("key"))).toBe("1");
});

test("the error for a binding's socket in use names it", async () => {
  const XDG_RUNTIME_DIR = tempDirectory();
  const { exported } = await startServe(["--bind", "a", "--bind", "b"], { XDG_RUNTIME_DIR });
  const socket = exported["GESTALT_CACHE_SOCKET_A"] ?? "";
  const args = ["--listen", tempSocketPath(), "--bind", "a", "--bind", "b"];
  const second = startProcess([...commandUnderTest, "serve", ...args], {
    env: { ...reducedEnvironment(), XDG_RUNTIME_DIR },
  });
  expect(await second.ended).toEqual({ code: 1, signal: null });
  expect(second.stderr()).toBe(`gestalt-cache-memory: another server is listening on ${socket}\n`);
  expect(existsSync(socket)).toBe(true);
  expect(dirname(socket)).toBe(join(XDG_RUNTIME_DIR, "gestalt-cache-memory"));
});
