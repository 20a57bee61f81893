import { randomUUID } from "node:crypto";
import { shellWord } from "../shell-word.js";

/** The formats of variables: for shells, .env files, and `$GITHUB_ENV` of GitHub Actions. */
export const ENVIRONMENT_FORMATS = ["sh", "fish", "dotenv", "github"] as const;

/** One of {@link ENVIRONMENT_FORMATS}. */
export type EnvironmentFormat = (typeof ENVIRONMENT_FORMATS)[number];

/** Variables to set, and variables to unset if the format supports that. */
export interface EnvironmentChange {
  readonly set: Readonly<Record<string, string>>;
  readonly unset: readonly string[];
}

/** A name that is valid in every shell. Other names could contain code. */
const NAME = /^[A-Za-z_]\w*$/;

/**
 * Writes a change of the environment as text. Names that are not valid in a shell are not unset,
 * since a shell has no such variables.
 *
 * @throws Error when the format cannot represent a value
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

/** Between single quotes, fish interprets only the backslash and the single quote. */
function fishWord(text: string): string {
  return `'${text.replaceAll(/[\\']/g, "\\$&")}'`;
}

/**
 * Readers of .env files, including shells, differ about line breaks, escapes, and expansion in
 * double quotes. It throws for a text that some of them would change.
 */
function dotenvValue(name: string, text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text;
  if (!/['\\\p{Cc}]/u.test(text)) return `'${text}'`;
  if (!/["\\$`!\p{Cc}]/u.test(text)) return `"${text}"`;
  throw new Error(
    `${name} would be ${JSON.stringify(text)}, which readers of .env files read differently; ` +
      "choose another TMPDIR",
  );
}

/** GitHub reads a value unchanged, to the end of the line, or to a chosen delimiter line. */
function githubLine(name: string, value: string): string {
  if (!/[\r\n]/.test(value)) return `${name}=${value}`;
  const end = `end-${randomUUID()}`;
  return `${name}<<${end}\n${value}\n${end}`;
}
