import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  commandSubject,
  inProcessSubject,
  runConformance,
  targetSubject,
} from "../../src/conformance/index.js";
import { createMemoryCacheProvider } from "../../src/memory/memory-cache-provider.js";
import { Cache } from "../../src/rpc/gen/gestalt/provider/v1/cache_pb.js";
import { createProviderServices } from "../../src/rpc/provider-services.js";
import { startProviderServer } from "../../src/server/provider-server.js";
import { commandUnderTest } from "../support/provider-process.js";
import { isFullSize } from "../support/sample.js";
import { tempSocketPath } from "../support/temp-directory.js";
import { failuresOf, skippedOf } from "./failures.js";
import { createTinyProvider } from "./tiny-provider.js";

const [program = "", ...args] = commandUnderTest;

const NO_OBJECT = { "needs the provider as an object in this process": 5 };

// How calls are carried, and how a process starts and stops, does not depend on the store.
const IN_SAMPLE = "by default (lru)";

describe.each([
  { store: IN_SAMPLE, config: {}, skipped: NO_OBJECT },
  {
    store: "blocks",
    config: { store: "blocks" },
    skipped: { ...NO_OBJECT, "the provider needs a configuration": 1 },
  },
])("the memory provider, store $store, keeps every promise", ({ store, config, skipped }) => {
  const strict = { profile: "strict", config } as const;

  test("in process", async () => {
    const report = await runConformance((clock) => createMemoryCacheProvider({ clock }), strict);
    expect(failuresOf(report)).toEqual([]);
    expect(report.passed).toBeGreaterThan(80);
  });

  test.runIf(isFullSize || store === IN_SAMPLE)("over the socket", async () => {
    const path = tempSocketPath();
    const routes = createProviderServices(createMemoryCacheProvider());
    const server = await startProviderServer({ routes }, { kind: "unix", path });
    const report = await runConformance(targetSubject({ kind: "unix", path }), strict);
    await server.close();
    expect(failuresOf(report)).toEqual([]);
    expect(report.passed).toBeGreaterThan(95);
  });

  test.runIf(isFullSize || store === IN_SAMPLE)(
    "as a command",
    async () => {
      const report = await runConformance(commandSubject({ command: program, args }), strict);
      expect(failuresOf(report)).toEqual([]);
      expect(skippedOf(report)).toEqual(skipped);
      // 5 seconds on two idle cores, of which tests beside this one leave little.
      expect(report.durationMs).toBeLessThan(40_000);
    },
    60_000,
  );
});

test("the memory provider over TCP, as a cache without a host, keeps every promise", async () => {
  const routes = createProviderServices(createMemoryCacheProvider(), { requireConfigure: false });
  const server = await startProviderServer(
    { routes: routes.filter(({ service }) => service.typeName === Cache.typeName) },
    { kind: "tcp", host: "127.0.0.1", port: 0 },
  );
  if (server.address.kind !== "tcp") throw new Error("not what was asked for");
  const { host, port } = server.address;
  const subject = targetSubject({ kind: "tcp", host, port });
  const only = ["get", "lifecycle", "bounds"];
  const report = await runConformance(subject, { profile: "strict", only });
  await server.close();
  expect(failuresOf(report)).toEqual([]);
  expect(skippedOf(report)).toEqual({
    "needs the ProviderLifecycle service": 11,
    "needs a provider of its own, because it changes the configuration": 7,
  });
});

describe("a provider of thirty lines keeps the contract", () => {
  test("in process", async () => {
    const report = await runConformance(createTinyProvider);
    expect(failuresOf(report)).toEqual([]);
  });

  test("in process, where its time cannot be injected", async () => {
    const subject = inProcessSubject(createTinyProvider, { clock: "real" });
    const report = await runConformance(subject, { only: ["ttl", "touch"] });
    expect(failuresOf(report)).toEqual([]);
  });

  // new-command.sampled.test.ts does the same with the example for authors.
  test.runIf(isFullSize)(
    "as a command",
    async () => {
      const script = join(import.meta.dirname, "tiny-provider.mjs");
      const report = await runConformance(
        commandSubject({ command: process.execPath, args: [script] }),
      );
      expect(failuresOf(report)).toEqual([]);
    },
    60_000,
  );
});

test("a provider without any code of this project keeps the contract and more", async () => {
  const script = join(import.meta.dirname, "independent-provider.mjs");
  const report = await runConformance(
    commandSubject({ command: process.execPath, args: [script] }),
    { profile: "recommended" },
  );
  expect(failuresOf(report)).toEqual([]);
}, 60_000);
