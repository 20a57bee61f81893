/** What a property of a configuration's JSON Schema may say. */
interface SchemaProperty {
  readonly description: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default?: string | number;
}

/** The schema of a configuration. */
export interface ConfigSchema {
  readonly properties: Readonly<Record<string, SchemaProperty>>;
}

/** The page docs/configuration.md, in Markdown, from the schema that the host checks by. */
export function renderConfigReference({ properties }: ConfigSchema): string {
  const keys = Object.entries(properties);
  const rows = keys.map(
    ([key, property]) =>
      `| \`${key}\` | ${typeText(property)} | ${defaultText(property)} | ${rangeText(property)} |`,
  );
  return `# Configuration

<!-- Generated from cache_config.json by \`npm run generate\`. -->

What stands under \`config:\` of a cache in the host's configuration, and in the file of
\`--config\`. All keys may be left out. Keys that are not listed are refused, and every problem is
told at once.

| Key | Type | Default | Range |
| --- | --- | --- | --- |
${rows.join("\n")}

A size is a number of bytes, or a text: \`64MiB\`, \`1.5GB\`, \`800 kB\`. \`KiB\`, \`MiB\` and \`GiB\` are
powers of 1024, \`kB\`, \`MB\` and \`GB\` of 1000; capitals make no difference.

${keys.map(([key, { description }]) => `## \`${key}\`\n\n${description}`).join("\n\n")}
`;
}

function typeText({ type, enum: names }: SchemaProperty): string {
  if (names !== undefined) return "name";
  if (type === "string") return "text";
  return typeof type === "string" ? type : "size";
}

function defaultText({ default: value }: SchemaProperty): string {
  return value === undefined ? "none" : `\`${value}\``;
}

function rangeText({ minimum, maximum, enum: names }: SchemaProperty): string {
  if (names !== undefined) return names.map((name) => `\`${name}\``).join(" or ");
  if (minimum === undefined && maximum === undefined) return "any";
  return `${amount(minimum)} to ${amount(maximum)}`;
}

function amount(value: number | undefined): string {
  return value === undefined ? "any" : value.toLocaleString("en-US");
}
