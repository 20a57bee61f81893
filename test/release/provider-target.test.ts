import { expect, test } from "vitest";
import { parseProviderTarget } from "../../src/release/build/provider-target.js";

test.each([
  ["cache:./src/provider.ts#provider", "./src/provider.ts", "provider"],
  ["cache:./cache.mjs#$default_1", "./cache.mjs", "$default_1"],
])("parseProviderTarget parses %s", (target, module, exportName) => {
  expect(parseProviderTarget(target)).toEqual({ module, exportName });
});

test.each([
  ["", "expected the form"],
  ["./src/provider.ts#provider", "expected the form"],
  ["cache:./src/provider.ts", "expected the form"],
  ["plugin:./src/provider.ts#provider", 'the kind must be cache, not "plugin"'],
  ["cache:src/provider.ts#provider", "must lie inside the package"],
  ["cache:/src/provider.ts#provider", "must lie inside the package"],
  ["cache:../provider.ts#provider", "must lie inside the package"],
  ["cache:./src/../../provider.ts#provider", "must lie inside the package"],
  ["cache:./src/provider.json#provider", "TypeScript or JavaScript file"],
  ["cache:./src/provider.ts#", "must be an identifier"],
  ["cache:./src/provider.ts#a;process.exit()", "must be an identifier"],
])("parseProviderTarget refuses %j", (target, rule) => {
  expect(() => parseProviderTarget(target)).toThrow(rule);
  expect(() => parseProviderTarget(target)).toThrow(`target "${target}"`);
});
