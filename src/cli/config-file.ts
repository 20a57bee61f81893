import { readFile } from "node:fs/promises";
import { systemErrorReason } from "./system-error-reason.js";

/**
 * Reads a configuration file: YAML, and therefore JSON too. An empty file is an
 * empty configuration. What the keys mean is not judged here.
 *
 * @throws Error naming the file and, for a syntax error, the line
 */
export async function readConfigFile(path: string): Promise<Record<string, unknown>> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw new Error(`cannot read ${path}: ${systemErrorReason(error)}`, { cause: error });
  });
  // Loaded only when there is a file to read.
  const { parseDocument } = await import("yaml");
  const document = parseDocument(text);
  const [problem] = document.errors;
  if (problem !== undefined) {
    // The lines after the first show the place in the file.
    const summary = problem.message.split("\n", 1)[0]?.replace(/:$/, "") ?? "";
    throw new Error(`${path} is neither YAML nor JSON: ${summary}`);
  }
  const value: unknown = document.toJS();
  if (value === null || value === undefined) return {};
  if (typeof value !== "object" || Array.isArray(value)) {
    throw new Error(`${path} must hold keys and values, such as "maxBytes: 64MiB"`);
  }
  return value as Record<string, unknown>;
}
