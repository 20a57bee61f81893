import { existsSync } from "node:fs";
import { expect } from "vitest";
import type { ProviderProcess } from "./provider-process.js";

/**
 * Uses a provider as a host and a plugin do, from GetProviderIdentity to SIGTERM: it is a cache,
 * accepts the host's protocol version, finds what was written, and leaves no socket behind.
 */
export async function expectServesCache(
  provider: ProviderProcess,
  protocolVersion = 3,
): Promise<void> {
  const lifecycle = provider.client("ProviderLifecycle");
  expect((await lifecycle.call("GetProviderIdentity", {})).reply).toMatchObject({ kind: 6 });
  const configuration = { name: "session", protocol_version: protocolVersion };
  expect((await lifecycle.call("ConfigureProvider", configuration)).code).toBe(0);
  const cache = provider.client("Cache");
  expect((await cache.call("Set", { key: "a", value: Buffer.from("1") })).code).toBe(0);
  expect((await cache.call("Get", { key: "a" })).reply).toMatchObject({ found: true });
  provider.signal("SIGTERM");
  expect(await provider.ended).toEqual({ code: 0, signal: null });
  expect(existsSync(provider.socketPath)).toBe(false);
}
