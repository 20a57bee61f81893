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

/** A change of the environment as lines for what is going to read them. */
export function environmentText(change: EnvironmentChange, format: EnvironmentFormat): string {
  const variables = Object.entries(change.set);
  const lines = {
    sh: () => [
      ...change.unset.map((name) => `unset ${name};`),
      ...variables.map(([name, value]) => `export ${name}=${shellWord(value)};`),
    ],
    fish: () => [
      ...change.unset.map((name) => `set -e ${name};`),
      ...variables.map(([name, value]) => `set -gx ${name} ${fishWord(value)};`),
    ],
    dotenv: () => variables.map(([name, value]) => `${name}=${dotenvValue(value)}`),
    // Values are taken as they are, to the end of the line.
    github: () => variables.map(([name, value]) => `${name}=${value}`),
  };
  return lines[format]()
    .map((line) => `${line}\n`)
    .join("");
}

/** In fish, only the backslash and the quote itself mean something between quotes. */
function fishWord(text: string): string {
  return `'${text.replaceAll(/[\\']/g, "\\$&")}'`;
}

/** Readers differ about escapes, so the quotes are those that the text does not have. */
function dotenvValue(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text;
  return text.includes("'") ? `"${text}"` : `'${text}'`;
}
