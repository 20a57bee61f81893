import { Ajv2020, type ErrorObject } from "ajv/dist/2020.js";
import { parseDocument } from "yaml";

/**
 * Reads YAML as strictly as the host does: one document, no key twice, and exactly
 * the shape of the schema, so that a misspelled field is an error and not ignored.
 *
 * @param what - what the text is, for messages
 * @returns the value, which the caller may take for what the schema describes
 * @throws Error listing every problem by its path
 */
export function parseStrictYaml(text: string, schema: object, what: string): unknown {
  const document = parseDocument(text);
  const [syntaxError] = [...document.errors, ...document.warnings];
  if (syntaxError !== undefined) {
    throw new Error(`${what}: ${syntaxError.message.split("\n")[0] ?? "not YAML"}`);
  }
  const value: unknown = document.toJS();
  const validate = new Ajv2020({ allErrors: true }).compile(schema);
  if (validate(value)) return value;
  throw new Error(`${what}: ${(validate.errors ?? []).map(describe).join("; ")}`);
}

function describe({ instancePath, keyword, params, message }: ErrorObject): string {
  const path = instancePath || "/";
  if (keyword === "additionalProperties") {
    const { additionalProperty } = params as { additionalProperty: string };
    return `${path}: unknown field "${additionalProperty}"`;
  }
  if (keyword === "const") {
    return `${path}: must be ${JSON.stringify((params as { allowedValue: unknown }).allowedValue)}`;
  }
  return `${path}: ${message ?? "is invalid"}`;
}
