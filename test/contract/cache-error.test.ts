import { expect, test, vi } from "vitest";
import { CacheError } from "../../src/contract/cache-error.js";
import { defineCacheProvider } from "../../src/contract/cache-provider.js";
import { rpcErrorFrom, StatusCode } from "../../src/rpc/rpc-error.js";

/** The class of another copy of the module, as in a project with two installed versions. */
async function otherCacheError(): Promise<typeof CacheError> {
  vi.resetModules();
  const copy = await import("../../src/contract/cache-error.js");
  expect(copy.CacheError).not.toBe(CacheError);
  return copy.CacheError;
}

test("instanceof CacheError is true for errors of another copy of the module", async () => {
  const Other = await otherCacheError();
  const error = new Other("resource_exhausted", "too large");
  expect(error).toBeInstanceOf(CacheError);
  expect(new CacheError("unavailable", "closing")).toBeInstanceOf(Other);
  expect(rpcErrorFrom(error, () => expect.unreachable())).toMatchObject({
    code: StatusCode.resourceExhausted,
    rawMessage: "too large",
  });
});

test("a batch adds the entry's position to a CacheError of another copy", async () => {
  const Other = await otherCacheError();
  const provider = defineCacheProvider({
    get: () => null,
    set() {
      throw new Other("resource_exhausted", "too large");
    },
    delete: () => false,
    touch: () => false,
  });
  expect(() => provider.setMany([{ key: "k", value: new Uint8Array() }])).toThrow(
    expect.objectContaining({
      code: "resource_exhausted",
      message: 'entry 1 of 1 (key "k"): too large',
    }),
  );
});

test("instanceof CacheError is false for any other value", async () => {
  const Other = await otherCacheError();
  const alike = Object.assign(new Error("no"), { name: "CacheError", code: "unavailable" });
  const newer = new Other("data_loss" as "internal", "a code of a later version");
  for (const value of [
    alike,
    newer,
    new Error("no"),
    { code: "internal" },
    null,
    undefined,
    "text",
    1,
  ]) {
    expect(value instanceof CacheError).toBe(false);
  }
});

test("instanceof of a CacheError subclass is false for its base class", () => {
  class Closing extends CacheError {}
  const closing = new Closing("unavailable", "closing");
  expect(closing).toBeInstanceOf(Closing);
  expect(closing).toBeInstanceOf(CacheError);
  expect(new CacheError("unavailable", "closing")).not.toBeInstanceOf(Closing);
});
