import { constants } from "node:os";
import { PROGRAM_NAME } from "../program-name.js";

/** A program with its arguments. */
export type Words = readonly [program: string, ...args: string[]];

/** What a command gets that a JavaScript runtime cannot give to a process. */
export interface Preparation {
  /** Signals to ignore. The runtime resets them when it starts a process. */
  readonly ignored: ReadonlySet<NodeJS.Signals>;
  /** Words that are not UTF-8, by their position. */
  readonly rawWords: ReadonlyMap<number, Buffer>;
  /** Variables that are not UTF-8, as `NAME=value`. */
  readonly rawVariables: readonly Buffer[];
}

const SHELL = "/bin/sh";

/** Names for the script's own variables that no environment has. */
const VARIABLE = "gestalt_cache_memory_word";

/** The variables that a shell keeps; it may drop others. */
const SHELL_NAME = /^[A-Za-z_]\w*$/;

/**
 * The words that start a command prepared: a shell that arranges what the runtime cannot, and
 * then becomes the command, so that the process is the same. The command itself when there
 * is nothing to arrange.
 *
 * @param env - the environment that the words are started in; the raw variables come on top
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
    // Each word moves to the end: after all of them the order is the same.
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
  // `env` sets variables of any name, but would take such a program for one of them.
  if (settings.length > 0 && !words[0].includes("=")) {
    settings.reverse().forEach((setting) => {
      script.push(`${assigned(setting)}; set -- ${VALUE} "$@"`);
    });
    script.push('exec env "$@"');
  } else script.push('exec "$@"');
  return [SHELL, "-c", script.join("\n"), PROGRAM_NAME, ...words];
}

/** What {@link assigned} assigned; without the period that keeps line breaks at the end. */
const VALUE = `"\${${VARIABLE}%.}"`;

/** Assigns bytes, which the script itself cannot contain, to the script's variable. */
function assigned(bytes: Buffer): string {
  const escaped = bytes
    .toString("latin1")
    .replaceAll(
      /[^A-Za-z0-9_/:.,=+-]/g,
      (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, "0")}`,
    );
  return `${VARIABLE}=$(printf '${escaped}.')`;
}
