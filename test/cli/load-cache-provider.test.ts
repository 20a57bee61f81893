import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { loadCacheProvider } from "../../src/cli/load-cache-provider.js";
import { provider } from "../../src/memory/provider.js";

const root = new URL("../..", pathToFileURL(import.meta.filename));

test.each(["cache:./src/memory/provider.ts#provider", "./src/memory/provider.ts#provider"])(
  "loadCacheProvider loads %s",
  async (target) => {
    expect(await loadCacheProvider(root, target)).toBe(provider);
  },
);

test.each([
  ["src/provider.ts#provider", "is not of the form"],
  ["", "is not of the form"],
  ["s3:./src/provider.ts#provider", "is of kind s3, not cache"],
  ["./src/memory/provider.ts", 'exports no cache provider as "default"'],
  ["./src/version.ts#VERSION", 'exports no cache provider as "VERSION"'],
])("loadCacheProvider fails for %j", async (target, message) => {
  await expect(loadCacheProvider(root, target)).rejects.toThrow(message);
});
