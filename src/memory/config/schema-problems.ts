type ValueType = "integer" | "string";

/** One key of a configuration, with the keywords of JSON Schema that this project supports. */
export interface PropertySchema {
  readonly description: string;
  /** The type of the value, or a list of permitted types. */
  readonly type: ValueType | readonly ValueType[];
  /** Smallest number. */
  readonly minimum?: number;
  /** Largest number. */
  readonly maximum?: number;
  /** A regular expression that a string must match; RE2 and JavaScript must read it alike. */
  readonly pattern?: string;
  /** The permitted values. */
  readonly enum?: readonly (string | number)[];
  /** Strings that the pattern accepts. Error messages show the first one. */
  readonly examples?: readonly string[];
  readonly default?: string | number;
}

/** A JSON Schema (draft 2020-12) of a configuration: an object of known, optional keys. */
export interface ConfigSchema {
  readonly $schema: "https://json-schema.org/draft/2020-12/schema";
  readonly title: string;
  readonly description: string;
  readonly type: "object";
  readonly additionalProperties: false;
  readonly properties: Readonly<Record<string, PropertySchema>>;
}

/** A problem with one key of a configuration. */
export interface SchemaProblem {
  readonly key: string;
  /** The rule that the value breaks, such as `must be >= 1`; undefined for an unknown key. */
  readonly rule?: string;
}

/**
 * Validates a configuration against its schema. A key with the value undefined counts as absent.
 *
 * It interprets the schema directly, which starts faster than a schema compiler.
 * {@link ConfigSchema} permits only the keywords that it supports.
 *
 * @returns one problem for each wrong key; empty for a valid configuration
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
  return example === undefined ? "a string" : `a string such as ${example}`;
}
