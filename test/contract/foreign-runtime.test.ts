import { Code, ConnectError, createClient, createRouterTransport } from "@connectrpc/connect";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { CacheError, type CacheErrorCode } from "../../src/contract/cache-error.js";
import type { CacheProvider } from "../../src/contract/cache-provider.js";
import { Cache } from "../../src/rpc/gen/gestalt/provider/v1/cache_pb.js";
import { hostLaunchRecords } from "../support/host-launch-records.js";
import { createMapProvider } from "../support/map-provider.js";

/**
 * Serves a provider as the host's own TypeScript runtime does (sdk/typescript/src/runtime.ts,
 * commits fceee67d and 1ba54b4c): a Connect service calls the provider, and Connect
 * handles what the provider throws.
 */
function clientOf(provider: CacheProvider) {
  const transport = createRouterTransport(({ service }) => {
    service(Cache, {
      get: async ({ key }) => {
        const value = await provider.get(key);
        return value === undefined ? { found: false } : { found: true, value };
      },
      getMany: async ({ keys }) => {
        await provider.getMany(keys);
        return {};
      },
      set: async ({ key, value }) => {
        await provider.set(key, value);
        return {};
      },
      setMany: async ({ entries }) => {
        await provider.setMany(entries);
        return {};
      },
      delete: async ({ key }) => ({ deleted: await provider.delete(key) }),
      deleteMany: async ({ keys }) => ({ deleted: BigInt(await provider.deleteMany(keys)) }),
      touch: async ({ key }) => ({ touched: await provider.touch(key, -1) }),
    });
  });
  return createClient(Cache, transport);
}

function failingProvider(fail: () => never): CacheProvider {
  return createMapProvider({ get: fail, set: fail, delete: fail });
}

function captureStderr() {
  const spy = vi.spyOn(console, "error").mockImplementation(() => {});
  onTestFinished(() => spy.mockRestore());
  return spy;
}

const LOADED: [string, (provider: CacheProvider) => void][] = [
  ["calls resolveName", (provider) => void provider.resolveName("cache")],
  ["sets the name", (provider) => void (provider.name = "@acme/bundled")],
];

describe.each(LOADED)("a provider loaded by a foreign runtime that %s", (_title, load) => {
  test.each<[CacheErrorCode, Code]>([
    ["invalid_argument", Code.InvalidArgument],
    ["failed_precondition", Code.FailedPrecondition],
    ["resource_exhausted", Code.ResourceExhausted],
    ["unavailable", Code.Unavailable],
  ])("fails with the code and the text of a CacheError: %s", async (code, status) => {
    const stderr = captureStderr();
    const provider = failingProvider(() => {
      throw new CacheError(code, "what and why");
    });
    load(provider);
    const client = clientOf(provider);
    const expected = { code: status, rawMessage: "what and why" };
    await expect(client.get({ key: "k" })).rejects.toMatchObject(expected);
    await expect(client.set({ key: "k" })).rejects.toMatchObject(expected);
    await expect(client.delete({ key: "k" })).rejects.toMatchObject(expected);
    const inBatch = { code: status, rawMessage: 'entry 1 of 1 (key "k"): what and why' };
    await expect(client.getMany({ keys: ["k"] })).rejects.toMatchObject(inBatch);
    await expect(client.setMany({ entries: [{ key: "k" }] })).rejects.toMatchObject(inBatch);
    await expect(client.deleteMany({ keys: ["k"] })).rejects.toMatchObject(inBatch);
    expect(stderr).not.toHaveBeenCalled();
  });

  test("fails with invalid_argument for wrong arguments", async () => {
    const provider = createMapProvider();
    load(provider);
    await expect(clientOf(provider).touch({ key: "k" })).rejects.toMatchObject({
      code: Code.InvalidArgument,
      rawMessage: "ttl must be >= 0 (got -1 ms)",
    });
  });

  test("passes a ConnectError through unchanged", async () => {
    const error = new ConnectError("try later", Code.Aborted);
    const provider = failingProvider(() => {
      throw error;
    });
    load(provider);
    await expect(clientOf(provider).getMany({ keys: ["k"] })).rejects.toMatchObject({
      code: Code.Aborted,
      rawMessage: "try later",
    });
  });

  test.each([new Error("secret"), new CacheError("internal", "secret")])(
    "prints %s to stderr once and hides it from the caller",
    async (thrown) => {
      const stderr = captureStderr();
      const provider = failingProvider(() => {
        throw thrown;
      });
      load(provider);
      await expect(clientOf(provider).getMany({ keys: ["k"] })).rejects.toMatchObject({
        code: Code.Internal,
        rawMessage: "internal error",
      });
      expect(stderr).toHaveBeenCalledExactlyOnceWith(
        `${provider.name}: internal error:`,
        expect.objectContaining({ message: expect.stringContaining("secret") as string }),
      );
    },
  );

  test("reads each launch record of a host as an empty configuration", async () => {
    const configure = vi.fn();
    const provider = createMapProvider({ configure });
    load(provider);
    for (const record of hostLaunchRecords) await provider.configureProvider("s", { ...record });
    expect(configure.mock.calls).toEqual(hostLaunchRecords.map(() => ["s", {}]));
    await provider.configureProvider("s", { maxBytes: 5 });
    expect(configure).toHaveBeenLastCalledWith("s", { maxBytes: 5 });
  });

  // The runtime awaits the health check, ignores its result, and sends the text of its error.
  test.each([
    [{ ready: false, message: "warming up" }, "warming up"],
    [{ ready: false }, "the provider is not ready"],
  ])("throws in a health check that returns %j", async (health, message) => {
    for (const healthCheck of [() => health, () => Promise.resolve(health)]) {
      const provider = createMapProvider({ healthCheck });
      load(provider);
      await expect((async () => provider.healthCheck())()).rejects.toThrow(message);
    }
    const ready = createMapProvider({ healthCheck: () => undefined });
    load(ready);
    expect(await ready.healthCheck()).toEqual({ ready: true });
  });

  test("returns values and batches", async () => {
    const provider = createMapProvider({ name: "" });
    load(provider);
    const client = clientOf(provider);
    await client.setMany({ entries: [{ key: "a", value: Uint8Array.of(1) }] });
    expect(await client.get({ key: "a" })).toMatchObject({ found: true, value: Uint8Array.of(1) });
    expect(await client.deleteMany({ keys: ["a", "a"] })).toMatchObject({ deleted: 1n });
  });
});

test("the name that a runtime sets on a bundled provider becomes a slug", () => {
  const provider = createMapProvider();
  provider.name = "@acme/Fast Cache";
  expect(provider.name).toBe("Fast-Cache");
});

test("without a foreign runtime, a provider fails with a CacheError", () => {
  const provider = failingProvider(() => {
    throw new CacheError("unavailable", "closing");
  });
  provider.resolveName("cache", true);
  expect(() => provider.get("k")).toThrow(CacheError);
});
