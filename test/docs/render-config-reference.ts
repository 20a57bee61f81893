/** The keywords that a property of the configuration's JSON Schema may have. */
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

/** The page docs/configuration.md, in Markdown, from the schema by which the host validates. */
export function renderConfigReference({ properties }: ConfigSchema): string {
  const keys = Object.entries(properties);
  const rows = keys.map(
    ([key, property]) =>
      `| \`${key}\` | ${typeText(property)} | ${defaultText(property)} | ${rangeText(property)} |`,
  );
  return `# Configuration

<!-- Generated from cache_config.json by \`npm run generate\`. -->

The keys under \`config:\` of a cache in the host's configuration, and in the file that \`--config\`
names. All keys are optional. An unknown key is refused, and all problems are listed at once.

| Key | Type | Default | Range |
| --- | --- | --- | --- |
${rows.join("\n")}

A size is a number of bytes, or a text: \`64MiB\`, \`1.5GB\`, \`800 kB\`. \`KiB\`, \`MiB\` and \`GiB\` are
powers of 1024; \`kB\`, \`MB\` and \`GB\` are powers of 1000. Case does not matter.

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
