import { isUtf8 } from "node:buffer";

/** The variable in which the launcher script passes on the variables that its shell drops. */
const NAME = "GESTALT_CACHE_MEMORY_VARIABLES";

/** Takes the launcher's variable out of the environment, and puts in what it contains. */
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
 * A variable that is not UTF-8; in place of the launcher's, those of its contents that are not.
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

/** One a line; a line break inside is the control character 1. */
function listed(text: string): string[] {
  return text
    .split("\n")
    .filter((line) => line.includes("="))
    .map((line) => line.replaceAll("\u0001", "\n"));
}
