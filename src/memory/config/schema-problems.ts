type ValueType = "integer" | "string";

/** One key of a configuration: the keywords of JSON Schema that this project reads. */
export interface PropertySchema {
  readonly description: string;
  /** One type, or several of which a value must have one. */
  readonly type: ValueType | readonly ValueType[];
  /** Smallest number. */
  readonly minimum?: number;
  /** Largest number. */
  readonly maximum?: number;
  /** Regular expression that a text must match; only what RE2 and JavaScript read alike. */
  readonly pattern?: string;
  /** The values allowed. */
  readonly enum?: readonly (string | number)[];
  /** Texts that the pattern accepts; error messages show the first one. */
  readonly examples?: readonly string[];
  readonly default?: string | number;
}

/** JSON Schema (draft 2020-12) of a configuration: an object of known keys, none required. */
export interface ConfigSchema {
  readonly $schema: "https://json-schema.org/draft/2020-12/schema";
  readonly title: string;
  readonly description: string;
  readonly type: "object";
  readonly additionalProperties: false;
  readonly properties: Readonly<Record<string, PropertySchema>>;
}

/** What is wrong with one key of a configuration. */
export interface SchemaProblem {
  readonly key: string;
  /** The rule that the value breaks, as the end of a sentence: `must be >= 1`; undefined for an unknown key. */
  readonly rule?: string;
}

/**
 * Validates a configuration by its schema. It returns one problem for each key
 * that is wrong and an empty list for a valid configuration. A key whose value is
 * undefined counts as absent.
 *
 * It reads the schema itself, so no compiler of schemas runs when a provider
 * starts; {@link ConfigSchema} admits only the keywords that it knows.
 */
export function schemaProblems(
  { properties }: ConfigSchema,
  config: Readonly<Record<string, unknown>>,
): SchemaProblem[] {
  return Object.entries(config).flatMap(([key, value]) => {
    const property = Object.hasOwn(properties, key) ? properties[key] : undefined;
    if (property === undefined) return [{ key }];
    const rule = value === undefined ? undefined : brokenRule(property, value);
    return rule === undefined ? [] : [{ key, rule }];
  });
}

function brokenRule(property: PropertySchema, value: unknown): string | undefined {
  const { minimum = -Infinity, maximum = Infinity, pattern } = property;
  const allowed = property.enum;
  if (allowed !== undefined && !allowed.some((each) => each === value)) {
    return `must be ${allowed.join(" or ")}`;
  }
  const types = [property.type].flat();
  const isText = typeof value === "string";
  const matches = !isText || pattern === undefined || new RegExp(pattern, "u").test(value);
  if (!matches || !types.some((type) => hasType(type, value))) {
    return `must be ${types.map((type) => typeText(type, property)).join(" or ")}`;
  }
  if (typeof value !== "number") return undefined;
  if (value < minimum) return `must be >= ${minimum}`;
  if (value > maximum) return `must be <= ${maximum}`;
  return undefined;
}

function hasType(type: ValueType, value: unknown): boolean {
  return type === "integer" ? Number.isInteger(value) : typeof value === "string";
}

function typeText(type: ValueType, { examples: [example] = [] }: PropertySchema): string {
  if (type === "integer") return "an integer";
  return example === undefined ? "a text" : `a text such as ${example}`;
}
