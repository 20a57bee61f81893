import { readFile } from "node:fs/promises";
import type { ParseOptions, DocumentOptions, SchemaOptions } from "yaml";
import { systemErrorReason } from "./system-error-reason.js";

/**
 * Reads a configuration file: YAML 1.2, which includes JSON. An empty file is an empty
 * configuration. Anchors, aliases and merge keys work; tags outside YAML's core schema are an
 * error. The keys are not checked.
 *
 * @throws Error that names the file and, for a syntax error, the line
 */
export async function readConfigFile(path: string): Promise<Record<string, unknown>> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw new Error(`cannot read ${path}: ${systemErrorReason(error)}`, { cause: error });
  });
  const value = await parseYaml(decode(bytes, path), path);
  if (value === null || value === undefined) return {};
  if (typeof value !== "object" || Array.isArray(value)) {
    throw new Error(`${path} must contain keys and values, such as "maxBytes: 64MiB"`);
  }
  return value as Record<string, unknown>;
}

function decode(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw new Error(`${path} is not UTF-8 text`, { cause: error });
  }
}

/** Set explicitly, so that a directive in the file cannot change them. */
const OPTIONS: ParseOptions & DocumentOptions & SchemaOptions = {
  schema: "core",
  resolveKnownTags: false,
  merge: true,
  stringKeys: true,
};

async function parseYaml(text: string, path: string): Promise<unknown> {
  // Loaded only here, to keep start-up short without a file.
  const { parseDocument } = await import("yaml");
  const document = parseDocument(text, OPTIONS);
  const [problem] = document.errors;
  if (problem?.code === "MULTIPLE_DOCS") {
    throw new Error(`${path} contains more than one YAML document; keep one`);
  }
  if (problem !== undefined) {
    throw new Error(`${path} is neither YAML nor JSON: ${summaryOf(problem)}`);
  }
  const [warning] = document.warnings;
  if (warning !== undefined) throw new Error(`${path}: ${summaryOf(warning)}`);
  try {
    const value: unknown = document.toJS();
    // Throws for a value that contains itself through an alias.
    JSON.stringify(value);
    return value;
  } catch (error) {
    const problem = error instanceof Error ? summaryOf(error) : String(error);
    throw new Error(`${path}: ${problem}`, { cause: error });
  }
}

/** The first line of the message; the others show an excerpt of the file. */
function summaryOf({ message }: Error): string {
  return message.split("\n", 1)[0]?.replace(/:$/, "") ?? "";
}
