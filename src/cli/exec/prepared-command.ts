import { constants } from "node:os";
import { PROGRAM_NAME } from "../program-name.js";

/** A program with its arguments. */
export type Words = readonly [program: string, ...args: string[]];

/** Properties of a new process that a JavaScript runtime cannot set. */
export interface Preparation {
  /** Signals to ignore. The runtime resets them when it starts a process. */
  readonly ignored: ReadonlySet<NodeJS.Signals>;
  /** Words that are not UTF-8, by position. */
  readonly rawWords: ReadonlyMap<number, Buffer>;
  /** Variables that are not UTF-8, as `NAME=value`. */
  readonly rawVariables: readonly Buffer[];
}

const SHELL = "/bin/sh";

/** The script's own variable, with a name that no environment has. */
const VARIABLE = "gestalt_cache_memory_word";

/** The names of variables that every shell keeps; it may drop others. */
const SHELL_NAME = /^[A-Za-z_]\w*$/;

/**
 * The words that start a command with a {@link Preparation}. They start a shell, which sets up what
 * the runtime cannot and then replaces itself by the command, in the same process. Returns the
 * words unchanged when nothing is to be set up.
 *
 * @param env - the environment in which the words are started, without the raw variables
 */
export function preparedCommand(
  words: Words,
  env: Readonly<Record<string, string>>,
  { ignored, rawWords, rawVariables }: Preparation,
): Words {
  if (ignored.size === 0 && rawWords.size === 0 && rawVariables.length === 0) return words;
  const script: string[] = [];
  if (ignored.size > 0) {
    script.push(`trap '' ${Array.from(ignored, (name) => constants.signals[name]).join(" ")}`);
  }
  if (rawWords.size > 0) {
    // Each word is moved to the end. After the last one the order is the same as before.
    for (const index of words.keys()) {
      const raw = rawWords.get(index);
      script.push(
        raw === undefined ? 'set -- "$@" "$1"' : `${assigned(raw)}; set -- "$@" ${VALUE}`,
      );
      script.push("shift");
    }
  }
  const others = Object.entries(env).filter(([name]) => !SHELL_NAME.test(name));
  const settings = [...others.map((entry) => Buffer.from(entry.join("="))), ...rawVariables];
  // `env` can set variables of any name, but would read a program with "=" as a variable.
  if (settings.length > 0 && !words[0].includes("=")) {
    settings.reverse().forEach((setting) => {
      script.push(`${assigned(setting)}; set -- ${VALUE} "$@"`);
    });
    script.push('exec env "$@"');
  } else script.push('exec "$@"');
  return [SHELL, "-c", script.join("\n"), PROGRAM_NAME, ...words];
}

/** The value of {@link assigned}, without the period that protects trailing line breaks. */
const VALUE = `"\${${VARIABLE}%.}"`;

/** A shell assignment of bytes to the script's variable, in printable characters. */
function assigned(bytes: Buffer): string {
  const escaped = bytes
    .toString("latin1")
    .replaceAll(
      /[^A-Za-z0-9_/:.,=+-]/g,
      (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, "0")}`,
    );
  return `${VARIABLE}=$(printf '${escaped}.')`;
}
