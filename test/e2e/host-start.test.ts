import { existsSync, statSync } from "node:fs";
import { connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { tempSocketPath } from "../support/temp-directory.js";
import { hostLaunchRecords, launchRecordTitle } from "../support/host-launch-records.js";
import { reducedEnvironment, startProcess } from "../support/child-process.js";
import {
  commandUnderTest,
  hostEnvironment,
  startAsHost,
  startProvider,
} from "../support/provider-process.js";
import { struct } from "../support/struct.js";

const FAILED_PRECONDITION = 9;
const INVALID_ARGUMENT = 3;

test("the socket accepts from the moment it exists", async () => {
  for (let round = 0; round < 3; round++) {
    const provider = startAsHost();
    // Looked at as often as possible; an await in between would hide the gap.
    while (!existsSync(provider.socketPath)) await new Promise(setImmediate);
    const session = connectHttp2("http://localhost", {
      createConnection: () => connect(provider.socketPath),
    });
    await new Promise((resolve, reject) => {
      session.once("remoteSettings", resolve);
      session.once("error", reject);
    });
    session.destroy();
  }
});

test("the socket is open to its owner only", async () => {
  const { socketPath } = await startProvider();
  expect(statSync(socketPath).mode & 0o777).toBe(0o600);
});

test("the newer names of the host's variables come first", async () => {
  const newer = tempSocketPath();
  const { GESTALT_PLUGIN_SOCKET: older = "", ...env } = hostEnvironment(tempSocketPath());
  const provider = await startProvider({
    socketPath: newer,
    env: { ...env, GESTALT_PLUGIN_SOCKET: older, GESTALT_PROVIDER_SOCKET: newer },
  });
  expect(provider.isRunning()).toBe(true);
  expect(existsSync(older)).toBe(false);
});

test("the provider starts with only the newer names of the host's variables", async () => {
  const socketPath = tempSocketPath();
  const child = startProcess(commandUnderTest, {
    env: {
      ...reducedEnvironment(),
      GESTALT_PROVIDER_SOCKET: socketPath,
      GESTALT_APP_PARENT_PID: String(process.pid),
      GESTALT_APP_NAME: "session",
    },
  });
  while (!existsSync(socketPath)) await new Promise(setImmediate);
  child.signal("SIGTERM");
  expect(await child.ended).toEqual({ code: 0, signal: null });
});

test("the identity is complete, and nothing is printed", async () => {
  const provider = await startProvider();
  const lifecycle = provider.client("ProviderLifecycle");
  const { reply } = await lifecycle.call("GetProviderIdentity", {});
  expect(reply).toMatchObject({ kind: 6, min_protocol_version: 2, max_protocol_version: 5 });
  expect(reply?.["version"]).toMatch(/^\d+\.\d+\.\d+/);
  expect(provider.stdout() + provider.stderr()).toBe("");
});

test("protocol versions 2 to 5 are returned, and the name is configured", async () => {
  const lifecycle = (await startProvider()).client("ProviderLifecycle");
  for (const version of [2, 3, 4, 5]) {
    const name = `sessions-${version}`;
    const request = { name, protocol_version: version };
    const configured = await lifecycle.call("ConfigureProvider", request);
    expect(configured.reply).toEqual({ protocol_version: version });
    expect((await lifecycle.call("GetProviderIdentity", {})).reply).toMatchObject({
      name,
    });
    expect((await lifecycle.call("HealthCheck", {})).reply).toMatchObject({ ready: true });
    expect((await lifecycle.call("StartProvider", {})).reply).toEqual({
      protocol_version: version,
    });
  }
});

test("protocol versions 1 and 6 are refused with the supported range", async () => {
  const lifecycle = (await startProvider()).client("ProviderLifecycle");
  for (const version of [1, 6]) {
    const { code, details } = await lifecycle.call("ConfigureProvider", {
      protocol_version: version,
    });
    expect(code).toBe(FAILED_PRECONDITION);
    expect(details).toContain(String(version));
    expect(details).toMatch(/2.*5/);
  }
});

test("an unconfigured cache serves no call", async () => {
  const cache = (await startProvider()).client("Cache");
  expect(await cache.call("Get", { key: "a" })).toMatchObject({
    code: FAILED_PRECONDITION,
    details: "not configured",
  });
});

test("every launch record that hosts send for an empty config counts as empty", async () => {
  const provider = await startProvider();
  const lifecycle = provider.client("ProviderLifecycle");
  for (const record of hostLaunchRecords) {
    for (const name of ["cache", "session", "other"]) {
      const request = { name, config: struct(record), protocol_version: 3 };
      expect(await lifecycle.call("ConfigureProvider", request), launchRecordTitle(record)).toEqual(
        expect.objectContaining({ code: 0 }),
      );
    }
  }
  expect((await provider.client("Cache").call("Get", { key: "a" })).code).toBe(0);
});

test("a configuration that only resembles the launch record is refused", async () => {
  const lifecycle = (await startProvider()).client("ProviderLifecycle");
  const [record = {}] = hostLaunchRecords;
  const withoutManifest = { ...record };
  delete withoutManifest["manifestPath"];
  for (const config of [
    { ...record, maxByte: 1 },
    { ...withoutManifest, manifestpath: "/m" },
    withoutManifest,
    { name: "session", source: { path: "./manifest.yaml" } },
  ]) {
    const request = { name: "cache", config: struct(config), protocol_version: 3 };
    expect((await lifecycle.call("ConfigureProvider", request)).code).toBe(INVALID_ARGUMENT);
  }
});

test("the error for a wrong config lists every problem by path", async () => {
  const lifecycle = (await startProvider()).client("ProviderLifecycle");
  const answer = await lifecycle.call("ConfigureProvider", {
    name: "session",
    config: struct({ maxBytes: "much", maxEntries: 0.5, maxEntryByte: 1 }),
    protocol_version: 3,
  });
  expect(answer.code).toBe(INVALID_ARGUMENT);
  // Connect escapes more of a message than gRPC asks for, which grpc-js leaves as it is.
  const details = decodeURIComponent(answer.details);
  expect(details).toMatch(/\/maxBytes.*much/);
  expect(details).toMatch(/\/maxEntries.*integer/);
  expect(details).toMatch(/\/maxEntryByte: .*maxEntryBytes/);
});

test("a second configuration applies, and entries that still fit stay", async () => {
  const provider = await startProvider();
  const lifecycle = provider.client("ProviderLifecycle");
  const cache = provider.client("Cache");
  const configure = async (config: Record<string, number>): Promise<number> =>
    (await lifecycle.call("ConfigureProvider", { config: struct(config), protocol_version: 3 }))
      .code;
  expect(await configure({ maxEntries: 3 })).toBe(0);
  for (const key of ["a", "b", "c"]) await cache.call("Set", { key, value: Buffer.from(key) });
  expect(await configure({ maxEntries: 2 })).toBe(0);
  const { reply } = await cache.call("GetMany", { keys: ["a", "b", "c"] });
  const entries = reply?.["entries"] as { found: boolean }[];
  expect(entries.map(({ found }) => found)).toEqual([false, true, true]);
});
