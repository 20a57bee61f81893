import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import { CONFIG_SCHEMA } from "../../../src/memory/config/config-schema.js";
import { schemaProblems, type ConfigSchema } from "../../../src/memory/config/schema-problems.js";

/** A schema with combinations of every keyword that {@link ConfigSchema} permits. */
const EVERY_KEYWORD: ConfigSchema = {
  ...CONFIG_SCHEMA,
  properties: {
    store: { description: "", type: "string", enum: ["lru", "blocks"] },
    level: { description: "", type: ["integer", "string"], enum: [1, "high"] },
    from: { description: "", type: "integer", minimum: -2 },
    to: { description: "", type: "integer", maximum: 7 },
    word: { description: "", type: "string", pattern: "^[a-z]{1,3}$" },
    both: { description: "", type: ["string", "integer"], pattern: "b", minimum: 3 },
  },
};

/** Validates with Ajv; returns the keys that are wrong. */
function createJudge(schema: ConfigSchema): (config: object) => string[] {
  const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });
  const validate = ajv.compile(schema);
  return (config) => {
    validate(config);
    const keys = (validate.errors ?? []).map(({ instancePath, params }) => {
      const { additionalProperty } = params as { additionalProperty?: string };
      return additionalProperty ?? instancePath.slice(1);
    });
    return [...new Set(keys)].sort();
  };
}

/** Values near the bounds of the schemas, and arbitrary ones. */
const value = fc.oneof(
  fc.constantFrom("64MiB", "1.5 GB", "0", "64 MiBs", "\n1", "1\n", "lru", "high", "abc", "b", ""),
  fc.constantFrom(0, -0, 1, 2, 3, 7, 8, -2, -3, 64 * 2 ** 30, 64 * 2 ** 30 + 1, 2 ** 53, 1.5),
  fc.constantFrom(true, null, NaN, Infinity, undefined),
  fc.nat({ max: 2 ** 30 }).map((size) => `${size}KiB`),
  fc.jsonValue(),
);

test.each([
  ["the configuration's schema", CONFIG_SCHEMA],
  ["a schema with every keyword", EVERY_KEYWORD],
])("Ajv and schemaProblems reject the same keys: %s", (_, schema: ConfigSchema) => {
  const wrongByAjv = createJudge(schema);
  const key = fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...Object.keys(schema.properties)) },
    { weight: 1, arbitrary: fc.constantFrom("maxByte", "toString", "constructor", "valueOf") },
  );
  const property = fc.property(fc.dictionary(key, value, { maxKeys: 5 }), (config) => {
    const problems = schemaProblems(schema, config);
    expect(problems.map((each) => each.key).sort()).toEqual(wrongByAjv(config));
  });
  fc.assert(property, { numRuns: 3_000 });
});
