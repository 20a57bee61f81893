import type { CommandWords } from "./command-words.js";

/** A script that teaches bash the commands of a program; zsh can run it as well. */
export function bashCompletion(program: string, commands: readonly CommandWords[]): string {
  const name = `_${program.replaceAll("-", "_")}`;
  return `${name}() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]}
  local command=\${COMP_WORDS[1]} flags= words= index
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W '${commands.map((each) => each.name).join(" ")} --help --version' -- "$current"))
    return
  fi
  case $command in
${commands.map(commandCase).join("\n")}
  esac
  case $current in
    -*) COMPREPLY=($(compgen -W "$flags" -- "$current")) ;;
    *) [ -n "$words" ] && COMPREPLY=($(compgen -W "$words" -- "$current")) ;;
  esac
}
`;
}

/** The line that makes bash use the script. */
export function bashRegistration(program: string): string {
  return `complete -F _${program.replaceAll("-", "_")} ${program}\n`;
}

function commandCase({ name, flags, argument }: CommandWords): string {
  const lines = [`flags='${flags.map((flag) => flag.name).join(" ")}'`];
  if (Array.isArray(argument)) lines.push(`words='${argument.join(" ")}'`);
  if (argument === "command") {
    lines.push(
      "for ((index = 2; index < COMP_CWORD; index++)); do",
      '  [ "${COMP_WORDS[index]}" = -- ] || continue',
      '  if [ "$index" -eq $((COMP_CWORD - 1)) ]; then COMPREPLY=($(compgen -c -- "$current"))',
      '  else COMPREPLY=($(compgen -f -- "$current")); fi',
      "  return",
      "done",
    );
  }
  const values = flags.flatMap(({ name: flag, value }) => {
    if (value === undefined) return [];
    return [`  ${flag}) ${valueCompletion(value)}return ;;`];
  });
  if (values.length > 0) lines.push("case $previous in", ...values, "esac");
  return `    ${name})\n${lines.map((line) => `      ${line}\n`).join("")}      ;;`;
}

function valueCompletion(value: readonly string[] | "file" | "anything"): string {
  if (value === "anything") return "";
  const words = value === "file" ? "-f" : `-W '${value.join(" ")}'`;
  return `COMPREPLY=($(compgen ${words} -- "$current")); `;
}
