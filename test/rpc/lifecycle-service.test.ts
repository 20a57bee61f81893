import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, test, vi } from "vitest";
import { CacheError } from "../../src/contract/cache-error.js";
import { hostLaunchRecords } from "../support/host-launch-records.js";
import { createMapProvider } from "../support/map-provider.js";
import { serve } from "../support/serve.js";
import { struct } from "../support/struct.js";

const underHost = { requireConfigure: true };

test("the identity has kind, texts, versions, and the configured name", async () => {
  const provider = createMapProvider({
    name: "@scope/memory",
    displayName: "Memory",
    description: "Keeps things.",
    version: "1.2.3",
    warnings: () => ["careful"],
  });
  const { lifecycle } = await serve({ provider, services: underHost });
  const identity = {
    kind: 6,
    name: "memory",
    display_name: "Memory",
    description: "Keeps things.",
    version: "1.2.3",
    warnings: ["careful"],
    min_protocol_version: 2,
    max_protocol_version: 5,
  };
  expect((await lifecycle.call("GetProviderIdentity", {})).reply).toEqual(identity);
  await lifecycle.call("ConfigureProvider", { name: "session", protocol_version: 3 });
  expect((await lifecycle.call("GetProviderIdentity", {})).reply).toEqual({
    ...identity,
    name: "session",
  });
});

test.each([2, 3, 4, 5])(
  "protocol version %d is returned by configure and start",
  async (version) => {
    const { lifecycle } = await serve({ services: underHost });
    const reply = { protocol_version: version };
    expect(await lifecycle.call("ConfigureProvider", { name: "s", ...reply })).toMatchObject({
      code: 0,
      reply,
    });
    expect((await lifecycle.call("StartProvider", {})).reply).toEqual(reply);
  },
);

test.each([-1, 0, 1, 6, 2_147_483_647])(
  "protocol version %d is refused with the supported range",
  async (version) => {
    const configure = vi.fn();
    const provider = createMapProvider({ configure });
    const { lifecycle, cache } = await serve({ provider, services: underHost });
    const outcome = await lifecycle.call("ConfigureProvider", { protocol_version: version });
    expect(outcome.code).toBe(9);
    expect(outcome.details).toBe(
      `host speaks protocol version ${version}, this provider speaks 2 to 5`,
    );
    expect(configure).not.toHaveBeenCalled();
    expect((await cache.call("Get", { key: "k" })).code).toBe(9);
  },
);

describe("before ConfigureProvider", () => {
  test.each(["Get", "GetMany", "Set", "SetMany", "Delete", "DeleteMany", "Touch"])(
    "%s fails with not configured",
    async (method) => {
      const { cache } = await serve({ services: underHost });
      expect(await cache.call(method, {})).toMatchObject({ code: 9, details: "not configured" });
    },
  );

  test("the health check is not ready, and start fails", async () => {
    const { lifecycle } = await serve({ services: underHost });
    expect((await lifecycle.call("HealthCheck", {})).reply).toEqual({
      ready: false,
      message: "not configured",
    });
    expect(await lifecycle.call("StartProvider", {})).toMatchObject({ code: 9 });
  });

  test("a server without a host serves calls", async () => {
    const { lifecycle, cache } = await serve({ services: { requireConfigure: false } });
    expect((await cache.call("Get", { key: "k" })).code).toBe(0);
    expect((await lifecycle.call("HealthCheck", {})).reply).toMatchObject({ ready: true });
    expect((await lifecycle.call("StartProvider", {})).reply).toEqual({ protocol_version: 5 });
  });
});

test("a failed configuration serves no calls, and later ones may succeed", async () => {
  const configure = vi.fn((_name: string, config: Record<string, unknown>) => {
    if (config["maxBytes"] === -1) throw new CacheError("invalid_argument", "maxBytes: too small");
  });
  const { lifecycle, cache } = await serve({
    provider: createMapProvider({ configure }),
    services: underHost,
  });
  const configureWith = (maxBytes: number): ReturnType<typeof lifecycle.call> =>
    lifecycle.call("ConfigureProvider", {
      name: "session",
      protocol_version: 2,
      config: struct({ maxBytes }),
    });
  expect(await configureWith(-1)).toMatchObject({ code: 3, details: "maxBytes: too small" });
  expect((await cache.call("Get", { key: "k" })).code).toBe(9);
  expect(await configureWith(1_000)).toMatchObject({ code: 0 });
  expect((await cache.call("Get", { key: "k" })).code).toBe(0);
  expect(await configureWith(2_000)).toMatchObject({ code: 0 });
  expect(await configureWith(-1)).toMatchObject({ code: 3 });
  expect((await cache.call("Get", { key: "k" })).code).toBe(0);
  expect(configure.mock.calls.map(([name, config]) => [name, config["maxBytes"]])).toEqual([
    ["session", -1],
    ["session", 1_000],
    ["session", 2_000],
    ["session", -1],
  ]);
});

test("an absent config, and each launch record of a host, is an empty configuration", async () => {
  const configure = vi.fn();
  const { lifecycle } = await serve({
    provider: createMapProvider({ configure }),
    services: underHost,
  });
  const configs = [undefined, ...hostLaunchRecords.map((record) => struct(record))];
  for (const config of configs) {
    const request = { name: "s", protocol_version: 2, config };
    expect((await lifecycle.call("ConfigureProvider", request)).code).toBe(0);
  }
  expect(configure.mock.calls).toEqual(configs.map(() => ["s", {}]));
});

test("a config with an operator's key beside the launch record's reaches the provider", async () => {
  const configure = vi.fn();
  const { lifecycle } = await serve({
    provider: createMapProvider({ configure }),
    services: underHost,
  });
  const config = { ...hostLaunchRecords[0], maxBytes: 5 };
  await lifecycle.call("ConfigureProvider", {
    name: "s",
    protocol_version: 2,
    config: struct(config),
  });
  expect(configure).toHaveBeenCalledExactlyOnceWith("s", config);
});

test("health check and start call the provider", async () => {
  const start = vi.fn();
  const { lifecycle } = await serve({
    provider: createMapProvider({
      start,
      healthCheck: () => ({ ready: false, message: "still warming up" }),
    }),
  });
  expect((await lifecycle.call("HealthCheck", {})).reply).toEqual({
    ready: false,
    message: "still warming up",
  });
  await lifecycle.call("StartProvider", {});
  expect(start).toHaveBeenCalledOnce();
});

describe("a health check", () => {
  test.each([
    ["returns nothing", () => undefined, { ready: true, message: "" }],
    ["resolves with nothing", async () => {}, { ready: true, message: "" }],
    ["returns that it is ready", () => ({ ready: true }), { ready: true, message: "" }],
    [
      "throws",
      () => {
        throw new Error("no connection to the backend");
      },
      { ready: false, message: "no connection to the backend" },
    ],
    [
      "rejects",
      () => Promise.reject(new CacheError("unavailable", "closing")),
      { ready: false, message: "closing" },
    ],
  ])("that %s has a reply", async (_title, healthCheck, reply) => {
    const { lifecycle } = await serve({ provider: createMapProvider({ healthCheck }) });
    expect(await lifecycle.call("HealthCheck", {})).toMatchObject({ code: 0, reply });
  });
});

test.each([[[]], [["careful"]], [() => []], [() => Promise.resolve(["careful"])]])(
  "the identity has warnings given as %o",
  async (warnings) => {
    const { lifecycle } = await serve({ provider: createMapProvider({ warnings }) });
    const expected = typeof warnings === "function" ? await warnings() : warnings;
    const { reply } = await lifecycle.call("GetProviderIdentity", {});
    expect(reply).toMatchObject({ kind: 6, warnings: expected });
  },
);

describe("the operator reads what a lifecycle handler throws", () => {
  const fail = (): never => {
    throw new TypeError("url is missing");
  };
  const reject = (): Promise<never> => Promise.reject(new Error("url is missing"));

  test.each([
    ["ConfigureProvider", "configure: url is missing", { configure: fail }],
    ["ConfigureProvider", "configure: url is missing", { configure: reject }],
    ["StartProvider", "start: url is missing", { start: fail }],
    ["GetProviderIdentity", "identity: url is missing", { warnings: reject }],
    [
      "GetProviderIdentity",
      "identity: warnings must return an array of strings (got a string)",
      { warnings: (() => "careful") as never },
    ],
  ])("%s fails with %j", async (method, details, handlers) => {
    const report = vi.fn();
    const provider = createMapProvider(handlers);
    const { lifecycle } = await serve({ provider, services: { report } });
    const request = method === "ConfigureProvider" ? { protocol_version: 3 } : {};
    expect(await lifecycle.call(method, request)).toMatchObject({ code: 13, details });
    expect(report).toHaveBeenCalledOnce();
  });

  test("a value that is not an Error is shown as text", async () => {
    const configure = (): Promise<never> =>
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
      Promise.reject("no url");
    const provider = createMapProvider({ configure });
    const { lifecycle } = await serve({ provider, services: { report: () => {} } });
    expect(await lifecycle.call("ConfigureProvider", { protocol_version: 3 })).toMatchObject({
      code: 13,
      details: "configure: no url",
    });
  });

  test("a CacheError and an error of Connect's keep their codes", async () => {
    const report = vi.fn();
    for (const [thrown, code] of [
      [new CacheError("invalid_argument", "maxBytes: too small"), 3],
      [new ConnectError("maxBytes: too small", Code.Unavailable), 14],
    ] as const) {
      const provider = createMapProvider({ configure: () => Promise.reject(thrown) });
      const { lifecycle } = await serve({ provider, services: { report } });
      expect(await lifecycle.call("ConfigureProvider", { protocol_version: 3 })).toMatchObject({
        code,
        details: "maxBytes: too small",
      });
    }
    expect(report).not.toHaveBeenCalled();
  });
});
