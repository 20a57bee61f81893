import prettier from "prettier";
import { expect, test } from "vitest";
import { CONFORMANCE_CASES } from "../../src/conformance/index.js";
import { INDEPENDENT_FAULTS } from "./independent-faults.mjs";
import { OBJECT_FAULTS } from "./object-faults.js";
import { renderCatalogue } from "./render-catalogue.js";

test("docs/conformance.md is current; `npm run generate` makes it so", async () => {
  const page = renderCatalogue(CONFORMANCE_CASES, [...OBJECT_FAULTS, ...INDEPENDENT_FAULTS]);
  const formatted = await prettier.format(page, { parser: "markdown", printWidth: 100 });
  await expect(formatted).toMatchFileSnapshot("../../docs/conformance.md");
});
