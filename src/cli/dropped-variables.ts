import { isUtf8 } from "node:buffer";

/** The variable in which the launcher script passes on variables that its shell drops. */
const NAME = "GESTALT_CACHE_MEMORY_VARIABLES";

/** Replaces the launcher's variable in the environment by the variables that it contains. */
export function restoreDroppedVariables(): void {
  const dropped = process.env[NAME];
  if (dropped === undefined) return;
  for (const variable of listed(dropped)) {
    const end = variable.indexOf("=");
    process.env[variable.slice(0, end)] = variable.slice(end + 1);
  }
  delete process.env["GESTALT_CACHE_MEMORY_VARIABLES"];
}

/**
 * Replaces the launcher's variable by those of the variables that it contains which are not UTF-8.
 * Returns any other variable as it is.
 *
 * @param variable - `NAME=value`
 */
export function droppedVariables(variable: Buffer): Buffer[] {
  const text = variable.toString("latin1");
  if (!text.startsWith(`${NAME}=`)) return [variable];
  return listed(text.slice(NAME.length + 1))
    .map((entry) => Buffer.from(entry, "latin1"))
    .filter((entry) => !isUtf8(entry));
}

/** One variable per line; a line break within a variable is the control character 1. */
function listed(text: string): string[] {
  return text
    .split("\n")
    .filter((line) => line.includes("="))
    .map((line) => line.replaceAll("\u0001", "\n"));
}
