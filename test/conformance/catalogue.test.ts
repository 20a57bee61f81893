import prettier from "prettier";
import { expect, test } from "vitest";
import { CONFORMANCE_CASES } from "../../src/conformance/index.js";
import { SDK_FAILURES } from "../interop/expected-failures.js";
import { INDEPENDENT_FAULTS } from "./independent-faults.mjs";
import { OBJECT_FAULTS } from "./object-faults.js";
import { renderCatalogue } from "./render-catalogue.js";

test("docs/conformance.md is current; `npm run generate` makes it so", async () => {
  const page = renderCatalogue(
    CONFORMANCE_CASES,
    [...OBJECT_FAULTS, ...INDEPENDENT_FAULTS],
    SDK_FAILURES,
  );
  const formatted = await prettier.format(page, { parser: "markdown", printWidth: 100 });
  await expect(formatted).toMatchFileSnapshot("../../docs/conformance.md");
});

test("the lists of what SDKs decide name cases that exist", () => {
  const ids = new Set(CONFORMANCE_CASES.map(({ id }) => id));
  const named = Object.values(SDK_FAILURES).flatMap((failures) => Object.keys(failures));
  expect(named.filter((id) => !ids.has(id))).toEqual([]);
});
