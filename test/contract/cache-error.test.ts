import { expect, test, vi } from "vitest";
import { CacheError } from "../../src/contract/cache-error.js";
import { defineCacheProvider } from "../../src/contract/cache-provider.js";
import { rpcErrorFrom, StatusCode } from "../../src/rpc/rpc-error.js";

/** The class of another copy of the module, as a project has it that installed two. */
async function otherCacheError(): Promise<typeof CacheError> {
  vi.resetModules();
  const copy = await import("../../src/contract/cache-error.js");
  expect(copy.CacheError).not.toBe(CacheError);
  return copy.CacheError;
}

test("errors of another copy of the module are recognised, both ways", async () => {
  const Other = await otherCacheError();
  const error = new Other("resource_exhausted", "too large");
  expect(error).toBeInstanceOf(CacheError);
  expect(new CacheError("unavailable", "closing")).toBeInstanceOf(Other);
  expect(rpcErrorFrom(error, () => expect.unreachable())).toMatchObject({
    code: StatusCode.resourceExhausted,
    rawMessage: "too large",
  });
});

test("a batch says which entry such an error was for", async () => {
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

test("nothing else is taken for one", async () => {
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

test("a subclass is told from its base class", () => {
  class Closing extends CacheError {}
  const closing = new Closing("unavailable", "closing");
  expect(closing).toBeInstanceOf(Closing);
  expect(closing).toBeInstanceOf(CacheError);
  expect(new CacheError("unavailable", "closing")).not.toBeInstanceOf(Closing);
});
