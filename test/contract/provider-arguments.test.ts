import { describe, expect, test, vi } from "vitest";
import { CacheError } from "../../src/contract/cache-error.js";
import type { MaybePromise } from "../../src/contract/maybe-promise.js";
import { createMapProvider } from "../support/map-provider.js";
import {
  bytesInEveryForm,
  WRONG_KEYS,
  WRONG_TTLS,
  WRONG_VALUES,
} from "../support/wrong-arguments.js";

/** A provider as JavaScript code sees it: its arguments have no types. */
type UntypedProvider = Record<
  "get" | "getMany" | "set" | "setMany" | "delete" | "deleteMany" | "touch",
  (...args: unknown[]) => MaybePromise<unknown>
>;

const value = Uint8Array.of(1);

/** A provider with its own or derived batches, which records every call of a handler. */
function createRecordingProvider(ownBatches: boolean) {
  const called = vi.fn();
  const note =
    <T>(result: T) =>
    (...args: unknown[]): T => {
      called(...args);
      return result;
    };
  const single = {
    get: note(undefined),
    set: note(undefined),
    delete: note(false),
    touch: note(false),
  };
  const batches = { getMany: note({}), setMany: note(undefined), deleteMany: note(0) };
  const provider = createMapProvider(ownBatches ? { ...single, ...batches } : single);
  return { provider: provider as unknown as UntypedProvider, called };
}

describe.each([
  ["derived batches", false],
  ["batches of its own", true],
])("a provider with %s", (_title, ownBatches) => {
  function expectRefused(message: string, call: (provider: UntypedProvider) => unknown): void {
    const { provider, called } = createRecordingProvider(ownBatches);
    expect(() => call(provider)).toThrow(CacheError);
    expect(() => call(provider)).toThrow(message);
    expect(called).not.toHaveBeenCalled();
  }

  test.each(WRONG_KEYS)(
    "fails with invalid_argument for key %o in every operation",
    (key, problem) => {
      const named = (name: string): string => (problem.startsWith("…") ? problem : name + problem);
      const entries = [
        { key: "a", value },
        { key, value },
      ];
      expectRefused(named("key "), (provider) => provider.get(key));
      expectRefused(named("key "), (provider) => provider.set(key, value));
      expectRefused(named("key "), (provider) => provider.delete(key));
      expectRefused(named("key "), (provider) => provider.touch(key, 1));
      expectRefused(named("keys[1] "), (provider) => provider.getMany(["a", key]));
      expectRefused(named("keys[1] "), (provider) => provider.deleteMany(["a", key]));
      expectRefused(named("entries[1].key "), (provider) => provider.setMany(entries));
    },
  );

  test.each(WRONG_VALUES)("fails with invalid_argument for value %o", (wrong, got) => {
    const must = "must be a Uint8Array (such as a Buffer), a DataView or an ArrayBuffer";
    const entries = [
      { key: "a", value },
      { key: "b", value: wrong },
    ];
    expectRefused(`value ${must} ${got}`, (provider) => provider.set("key", wrong));
    expectRefused(`entries[1].value ${must} ${got}`, (provider) => provider.setMany(entries));
  });

  test.each(WRONG_TTLS)("fails with invalid_argument for TTL %o", (ttlMs, problem) => {
    expectRefused(problem, (provider) => provider.set("key", value, { ttlMs }));
    expectRefused(problem, (provider) => provider.setMany([{ key: "a", value }], { ttlMs }));
    expectRefused(problem, (provider) => provider.touch("key", ttlMs));
  });

  test.each([[undefined], [null], ["key"], [3], [{ key: "a" }]])(
    "fails with invalid_argument for batch %o",
    (batch) => {
      const message = "must be an array or another iterable of";
      expectRefused(`keys ${message} strings`, (provider) => provider.getMany(batch));
      expectRefused(`keys ${message} strings`, (provider) => provider.deleteMany(batch));
      expectRefused(`entries ${message} {`, (provider) => provider.setMany(batch));
    },
  );
});

test.each(bytesInEveryForm())(
  "a value given as %s is stored as its bytes",
  async (_name, bytes) => {
    const provider = createMapProvider();
    await (provider as unknown as UntypedProvider).set("a", bytes);
    await (provider as unknown as UntypedProvider).setMany([{ key: "b", value: bytes }]);
    const stored = Uint8Array.of(1, 2, 3);
    expect(await provider.getMany(["a", "b"])).toEqual({ a: stored, b: stored });
  },
);

test("a batch may be any iterable", async () => {
  const provider = createMapProvider() as unknown as UntypedProvider;
  await provider.setMany(new Set([{ key: "a", value }]));
  expect(await provider.getMany(new Set(["a", "b"]))).toEqual({ a: value });
  expect(await provider.deleteMany(new Set(["a", "b"]).values())).toBe(1);
});
