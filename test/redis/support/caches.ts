import { setTimeout as delay } from "node:timers/promises";
import { onTestFinished } from "vitest";
import { TieredCacheProvider } from "../../../src/redis/tiered-cache-provider.js";

/** A provider with a server behind it, closed at the end of the test. */
export async function sharedProvider(
  shared: object,
  config: object = {},
): Promise<TieredCacheProvider> {
  const provider = new TieredCacheProvider();
  onTestFinished(async () => {
    await provider.closeProvider();
  });
  await provider.configureProvider("test", { ...config, shared });
  return provider;
}

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The value of a key as a text. */
export async function textOf(
  provider: TieredCacheProvider,
  key: string,
): Promise<string | undefined> {
  const value = await provider.get(key);
  return value === undefined ? undefined : new TextDecoder().decode(value);
}

/** True when the near cache has the key now: the only way to a value without a promise. */
export function isNear(provider: TieredCacheProvider, key: string): boolean {
  const value = provider.get(key);
  if (value instanceof Promise) value.catch(() => {});
  return value instanceof Uint8Array;
}

/** Waits until something holds; fails after five seconds. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  what: string,
  limitMs = 5000,
): Promise<void> {
  const end = performance.now() + limitMs;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`not within ${limitMs} ms: ${what}`);
    await delay(5);
  }
}

/** The code and the text of the CacheError that an operation fails with. */
export async function failure(
  operation: () => unknown,
): Promise<{ code: string; message: string }> {
  try {
    await operation();
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return { code, message };
  }
  throw new Error("it did not fail");
}
