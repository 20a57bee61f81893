import { randomUUID } from "node:crypto";
import { shellWord } from "../shell-word.js";

/** What can read variables: shells, .env files, and GitHub Actions' `$GITHUB_ENV`. */
export const ENVIRONMENT_FORMATS = ["sh", "fish", "dotenv", "github"] as const;

/** One of {@link ENVIRONMENT_FORMATS}. */
export type EnvironmentFormat = (typeof ENVIRONMENT_FORMATS)[number];

/** Variables to set, and others to take away where the format can say that. */
export interface EnvironmentChange {
  readonly set: Readonly<Record<string, string>>;
  readonly unset: readonly string[];
}

/** A name that every shell takes for one. Others come from programs, and may be anything. */
const NAME = /^[A-Za-z_]\w*$/;

/**
 * A change of the environment as text for what is going to read it. Names that no shell can
 * hold are not unset: a shell has no variables of such names.
 *
 * @throws Error when the format cannot express a value
 */
export function environmentText(change: EnvironmentChange, format: EnvironmentFormat): string {
  const variables = Object.entries(change.set);
  const unset = change.unset.filter((name) => NAME.test(name));
  const lines = {
    sh: () => [
      ...unset.map((name) => `unset ${name};`),
      ...variables.map(([name, value]) => `export ${name}=${shellWord(value)};`),
    ],
    fish: () => [
      ...unset.map((name) => `set -e ${name};`),
      ...variables.map(([name, value]) => `set -gx ${name} ${fishWord(value)};`),
    ],
    dotenv: () => variables.map(([name, value]) => `${name}=${dotenvValue(name, value)}`),
    github: () => variables.map(([name, value]) => githubLine(name, value)),
  };
  return lines[format]()
    .map((line) => `${line}\n`)
    .join("");
}

/** In fish, only the backslash and the quote itself mean something between quotes. */
function fishWord(text: string): string {
  return `'${text.replaceAll(/[\\']/g, "\\$&")}'`;
}

/**
 * Readers of .env files, shells among them, differ about line breaks, about escapes, and about
 * what they expand between double quotes. A text that some of them would change is refused.
 */
function dotenvValue(name: string, text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text;
  if (!/['\\\p{Cc}]/u.test(text)) return `'${text}'`;
  if (!/["\\$`!\p{Cc}]/u.test(text)) return `"${text}"`;
  throw new Error(
    `${name} would be ${JSON.stringify(text)}, which readers of .env files do not ` +
      "agree about; choose another TMPDIR",
  );
}

/** A value is taken as it is, to the end of the line or to a line of one's own choice. */
function githubLine(name: string, value: string): string {
  if (!/[\r\n]/.test(value)) return `${name}=${value}`;
  const end = `end-${randomUUID()}`;
  return `${name}<<${end}\n${value}\n${end}`;
}
