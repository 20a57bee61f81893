type ValueType = "integer" | "string" | "boolean" | "object" | "array";

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
  readonly default?: string | number | boolean;
  /** The keys of an object. */
  readonly properties?: Readonly<Record<string, PropertySchema>>;
  /** An object has no other keys than those in `properties`. */
  readonly additionalProperties?: false;
  /** The keys that an object must have. */
  readonly required?: readonly string[];
  /** The keys of which an object must have exactly one. */
  readonly oneOf?: readonly { readonly required: readonly [string] }[];
  /** Every item of a list. */
  readonly items?: PropertySchema;
  /** The fewest items of a list. */
  readonly minItems?: number;
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
  /** The key; the keys of nested objects and the positions in lists follow, each after a slash. */
  readonly key: string;
  /** The rule that the value breaks, such as `must be >= 1`; undefined for an unknown key. */
  readonly rule?: string;
  /** For an unknown key: the keys that its object may have. */
  readonly known?: readonly string[];
}

/** What the keywords for objects say. */
type ObjectSchema = Pick<PropertySchema, "properties" | "required" | "oneOf">;

/**
 * Validates a configuration against its schema. A key with the value undefined counts as absent.
 *
 * It interprets the schema directly, which starts faster than a schema compiler.
 * {@link ConfigSchema} permits only the keywords that it supports.
 *
 * @returns one problem for each wrong key; empty for a valid configuration
 */
export function schemaProblems(
  schema: ConfigSchema,
  config: Readonly<Record<string, unknown>>,
): SchemaProblem[] {
  return objectProblems(schema, config, "");
}

function objectProblems(
  { properties = {} }: ObjectSchema,
  value: Readonly<Record<string, unknown>>,
  prefix: string,
): SchemaProblem[] {
  return Object.entries(value).flatMap(([name, member]) => {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
    const key = prefix + name;
    if (property === undefined) return [{ key, known: Object.keys(properties) }];
    return member === undefined ? [] : valueProblems(property, member, key);
  });
}

function valueProblems(property: PropertySchema, value: unknown, key: string): SchemaProblem[] {
  const rule = brokenRule(property, value);
  if (rule !== undefined) return [{ key, rule }];
  const { items } = property;
  if (Array.isArray(value)) {
    return items === undefined
      ? []
      : value.flatMap((item, index) => valueProblems(items, item, `${key}/${index}`));
  }
  if (!isObject(value)) return [];
  const missing = missingRule(property, value);
  return [
    ...(missing === undefined ? [] : [{ key, rule: missing }]),
    ...objectProblems(property, value, `${key}/`),
  ];
}

function missingRule(
  { required = [], oneOf }: ObjectSchema,
  value: Readonly<Record<string, unknown>>,
): string | undefined {
  const has = (name: string): boolean => value[name] !== undefined;
  const missing = required.filter((name) => !has(name));
  if (missing.length > 0) return `must have ${missing.join(" and ")}`;
  const names = oneOf?.map(({ required: [name] }) => name) ?? [];
  if (oneOf === undefined || names.filter(has).length === 1) return undefined;
  return `must have exactly one of ${names.join(", ")}`;
}

function brokenRule(property: PropertySchema, value: unknown): string | undefined {
  const { minimum = -Infinity, maximum = Infinity, minItems = 0, pattern } = property;
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
  if (Array.isArray(value) && value.length < minItems) return `must have at least ${minItems}`;
  if (typeof value !== "number") return undefined;
  if (value < minimum) return `must be >= ${minimum}`;
  if (value > maximum) return `must be <= ${maximum}`;
  return undefined;
}

function hasType(type: ValueType, value: unknown): boolean {
  if (type === "integer") return Number.isInteger(value);
  if (type === "array") return Array.isArray(value);
  if (type === "object") return isObject(value);
  return typeof value === type;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function typeText(type: ValueType, { examples: [example] = [] }: PropertySchema): string {
  if (type === "integer") return "an integer";
  if (type === "boolean") return "true or false";
  if (type === "object") return "keys and values";
  if (type === "array") return "a list";
  return example === undefined ? "a string" : `a string such as ${example}`;
}
