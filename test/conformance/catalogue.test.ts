import prettier from "prettier";
import { expect, test } from "vitest";
import { CONFORMANCE_CASES } from "../../src/conformance/index.js";
import { SDKS } from "../interop/expected-failures.js";
import { INDEPENDENT_FAULTS } from "./independent-faults.mjs";
import { OBJECT_FAULTS } from "./object-faults.js";
import { readProviderResults } from "./provider-results.js";
import { renderCatalogue } from "./render-catalogue.js";

test("docs/conformance.md is current; `npm run generate` makes it so", async () => {
  const page = renderCatalogue(
    CONFORMANCE_CASES,
    [...OBJECT_FAULTS, ...INDEPENDENT_FAULTS],
    SDKS,
    readProviderResults(),
  );
  const formatted = await prettier.format(page, { parser: "markdown", printWidth: 100 });
  await expect(formatted).toMatchFileSnapshot("../../docs/conformance.md");
});

test("the table of known SDKs names cases that exist", () => {
  const ids = new Set(CONFORMANCE_CASES.map(({ id }) => id));
  const named = SDKS.flatMap(({ faults }) => faults.flatMap(({ cases }) => cases));
  expect(named.filter((id) => !ids.has(id))).toEqual([]);
});
