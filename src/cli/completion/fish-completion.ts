import type { CommandWords, FlagWords } from "./command-words.js";

/** A script that teaches fish the commands of a program. */
export function fishCompletion(program: string, commands: readonly CommandWords[]): string {
  const complete = `complete -c ${program}`;
  const lines = [`${complete} -f`];
  for (const { name, summary, flags, argument } of commands) {
    const seen = `-n ${quote(`__fish_seen_subcommand_from ${name}`)}`;
    lines.push(`${complete} -n __fish_use_subcommand -a ${name} -d ${quote(summary)}`);
    for (const flag of flags) {
      const long = flag.name.replace(/^--/, "");
      lines.push(`${complete} ${seen} -l ${long}${valueOf(flag)} -d ${quote(flag.description)}`);
    }
    if (argument === "command") lines.push(`${complete} ${seen} -a '(__fish_complete_subcommand)'`);
    else if (argument !== "anything") {
      lines.push(`${complete} ${seen} -a ${quote(argument.join(" "))}`);
    }
  }
  return lines.map((line) => `${line}\n`).join("");
}

function valueOf({ value }: FlagWords): string {
  if (value === undefined) return "";
  if (value === "file") return " -r -F";
  return value === "anything" ? " -x" : ` -x -a ${quote(value.join(" "))}`;
}

/** In fish, only the backslash and the quote itself mean something between quotes. */
function quote(text: string): string {
  return `'${text.replaceAll(/[\\']/g, "\\$&")}'`;
}
