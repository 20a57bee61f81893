/** The keywords that a property of the configuration's JSON Schema may have. */
interface SchemaProperty {
  readonly description: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default?: string | number | boolean;
  readonly properties?: Readonly<Record<string, SchemaProperty>>;
  readonly required?: readonly string[];
  readonly oneOf?: readonly { readonly required: readonly [string] }[];
}

/** The schema of a configuration. */
export interface ConfigSchema {
  readonly properties: Readonly<Record<string, SchemaProperty>>;
}

/** The page docs/configuration.md, in Markdown, from the schema by which the host validates. */
export function renderConfigReference({ properties }: ConfigSchema): string {
  const keys = withNestedKeys({ properties });
  const sections = Object.entries(properties).map(
    ([key, property]) => `## \`${key}\`\n\n${property.description}${nestedList(key, property)}`,
  );
  const rows = keys.map(
    ({ name, property, isRequired }) =>
      `| \`${name}\` | ${typeText(property)} | ${isRequired ? "required" : defaultText(property)} | ${rangeText(property)} |`,
  );
  return `# Configuration

<!-- Generated from cache_config.json by \`npm run generate\`. -->

The keys under \`config:\` of a cache in the host's configuration, and in the file that \`--config\`
names. All keys are optional, but an object must have the keys that the table calls required. An
unknown key is refused, and all problems are listed at once.

| Key | Type | Default | Range |
| --- | --- | --- | --- |
${rows.join("\n")}

A size is a number of bytes, or a text: \`64MiB\`, \`1.5GB\`, \`800 kB\`. \`KiB\`, \`MiB\` and \`GiB\` are
powers of 1024; \`kB\`, \`MB\` and \`GB\` are powers of 1000. Case does not matter.

${sections.join("\n\n")}
`;
}

/** A key of a configuration, as the table shows it. */
interface DocumentedKey {
  /** The key; behind the name of its object and a dot, if it has one. */
  readonly name: string;
  readonly property: SchemaProperty;
  readonly isRequired: boolean;
}

/** All keys, each object before its own keys. */
function withNestedKeys(
  { properties = {}, required = [] }: Pick<SchemaProperty, "properties" | "required">,
  prefix = "",
): DocumentedKey[] {
  return Object.entries(properties).flatMap(([key, property]) => [
    { name: prefix + key, property, isRequired: required.includes(key) },
    ...withNestedKeys(property, `${prefix}${key}.`),
  ]);
}

/** The rules and the descriptions of the keys of an object. */
function nestedList(key: string, property: SchemaProperty): string {
  const items = withNestedKeys(property).map(
    ({ name, property: { description } }) => `- \`${name}\`: ${description}`,
  );
  if (items.length === 0) return "";
  const names = property.oneOf?.map(({ required: [name] }) => `\`${name}\``) ?? [];
  const rule = names.length === 0 ? "" : ` Exactly one of ${names.join(", ")} is required.`;
  return `\n\nThe keys of \`${key}\`.${rule}\n\n${items.join("\n")}`;
}

function typeText({ type, enum: names }: SchemaProperty): string {
  if (names !== undefined) return "name";
  if (type === "string") return "text";
  if (type === "array") return "list";
  return typeof type === "string" ? type : "size";
}

function defaultText({ default: value }: SchemaProperty): string {
  return value === undefined ? "none" : `\`${value}\``;
}

function rangeText({ type, minimum, maximum, enum: names }: SchemaProperty): string {
  if (names !== undefined) return names.map((name) => `\`${name}\``).join(" or ");
  if (type === "boolean") return "`true` or `false`";
  if (minimum === undefined && maximum === undefined) return "any";
  return `${amount(minimum)} to ${amount(maximum)}`;
}

function amount(value: number | undefined): string {
  return value === undefined ? "any" : value.toLocaleString("en-US");
}
