import { Ajv2020, type ErrorObject } from "ajv/dist/2020.js";
import { parseDocument, type Document } from "yaml";

const ajv = new Ajv2020({ allErrors: true });

/**
 * Makes a reader of YAML that is as strict as the host: one document, no key
 * twice, and exactly the shape of the schema, so that a misspelled field is an
 * error and not ignored. The reader throws an Error that lists every problem by
 * its path.
 *
 * @param schema - JSON Schema; the caller may take the value for what it describes
 * @param what - what the text is, for messages
 */
export function createStrictYamlReader(schema: object, what: string): (text: string) => unknown {
  const validate = ajv.compile(schema);
  return (text) => {
    const document = parseDocument(text, { resolveKnownTags: false });
    const [syntaxError] = [...document.errors, ...document.warnings];
    if (syntaxError !== undefined) {
      throw new Error(`${what}: ${syntaxError.message.split("\n")[0] ?? "not YAML"}`);
    }
    const value = valueOf(document, what);
    if (validate(value)) return value;
    throw new Error(`${what}: ${(validate.errors ?? []).map(describe).join("; ")}`);
  };
}

/** Aliases are resolved here, which fails for those without an anchor. */
function valueOf(document: Document, what: string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new Error(`${what}: ${problem}`, { cause: error });
  }
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
