import { readFile } from "node:fs/promises";
import type { ParseOptions, DocumentOptions, SchemaOptions } from "yaml";
import { systemErrorReason } from "./system-error-reason.js";

/**
 * Reads a configuration file: YAML 1.2, and therefore JSON too. An empty file is an
 * empty configuration. Anchors, aliases and merge keys work; what the reader cannot
 * turn into plain values, such as another tag than those of YAML's core schema, is an
 * error and never ignored. What the keys mean is not judged here.
 *
 * @throws Error naming the file and, where there is one, the line
 */
export async function readConfigFile(path: string): Promise<Record<string, unknown>> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw new Error(`cannot read ${path}: ${systemErrorReason(error)}`, { cause: error });
  });
  const value = await parseYaml(decode(bytes, path), path);
  if (value === null || value === undefined) return {};
  if (typeof value !== "object" || Array.isArray(value)) {
    throw new Error(`${path} must hold keys and values, such as "maxBytes: 64MiB"`);
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

/** Set one by one, so that no directive in the file changes them. */
const OPTIONS: ParseOptions & DocumentOptions & SchemaOptions = {
  schema: "core",
  resolveKnownTags: false,
  merge: true,
  stringKeys: true,
};

async function parseYaml(text: string, path: string): Promise<unknown> {
  // Loaded only when there is a file to read.
  const { parseDocument } = await import("yaml");
  const document = parseDocument(text, OPTIONS);
  const [problem] = document.errors;
  if (problem?.code === "MULTIPLE_DOCS") {
    throw new Error(`${path} holds more than one YAML document; keep one`);
  }
  if (problem !== undefined) {
    throw new Error(`${path} is neither YAML nor JSON: ${summaryOf(problem)}`);
  }
  const [warning] = document.warnings;
  if (warning !== undefined) throw new Error(`${path}: ${summaryOf(warning)}`);
  try {
    const value: unknown = document.toJS();
    // Fails for a value that holds itself, by way of an alias.
    JSON.stringify(value);
    return value;
  } catch (error) {
    const problem = error instanceof Error ? summaryOf(error) : String(error);
    throw new Error(`${path}: ${problem}`, { cause: error });
  }
}

/** The lines after the first show the place in the file. */
function summaryOf({ message }: Error): string {
  return message.split("\n", 1)[0]?.replace(/:$/, "") ?? "";
}
