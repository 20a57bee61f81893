import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command, Option } from "commander";
import { describe, expect, test, vi } from "vitest";
import { COMMANDS, loadCommands } from "../../src/cli/commands.js";
import { bashCompletion, bashRegistration } from "../../src/cli/completion/bash-completion.js";
import { commandWords } from "../../src/cli/completion/command-words.js";
import { fishCompletion } from "../../src/cli/completion/fish-completion.js";
import { tempDirectory } from "../support/temp-directory.js";
import { runCommand } from "./run-command.js";

// Real processes, which take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const program = "gestalt-cache-memory";

/** What bash offers for the last of these words. */
async function completions(words: readonly string[], cwd = "/"): Promise<string[]> {
  const commands = (await loadCommands([])).map(commandWords);
  const script = `${bashCompletion(program, commands)}${bashRegistration(program)}
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
    $(complete -p ${program} | sed 's/.*-F \\([^ ]*\\).*/\\1/')
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync("bash", ["-c", script, "bash", program, ...words], {
    encoding: "utf8",
    cwd,
  });
  expect(stderr).toBe("");
  return stdout.split("\n").filter((line) => line !== "");
}

describe("bash", () => {
  test("completes commands, flags and their values", async () => {
    expect((await completions([""])).sort()).toEqual(
      [...COMMANDS.keys(), "--help", "--version"].sort(),
    );
    expect(await completions(["get-"])).toEqual(["get-many"]);
    expect(await completions(["touch", "--tt"])).toEqual(["--ttl"]);
    expect(await completions(["exec", "--print-env", ""])).toEqual([
      "sh",
      "fish",
      "dotenv",
      "github",
    ]);
    expect(await completions(["completion", "z"])).toEqual(["zsh"]);
    expect(await completions(["get", "--target", "--"])).toEqual([]);
    expect(await completions(["get", "k"])).toEqual([]);
  });

  test("completes files after flags that name one, and commands after exec --", async () => {
    const directory = tempDirectory();
    writeFileSync(join(directory, "cache.yaml"), "");
    expect(await completions(["exec", "--config", "ca"], directory)).toEqual(["cache.yaml"]);
    expect(await completions(["exec", "--", "printen"])).toContain("printenv");
    expect(await completions(["exec", "--", "cat", "ca"], directory)).toEqual(["cache.yaml"]);
  });
});

test("fish: a line for each command, flag and value", () => {
  const command = new Command("exec")
    .summary("run it")
    .argument("[command...]")
    .option("--config <file>", "the user's file")
    .option("--prefix <name>", "a name")
    .addOption(new Option("--print-env <format>", "print").choices(["sh", "fish"]))
    .option("--stats", "tell");
  expect(fishCompletion("p", [commandWords(command)]).split("\n")).toEqual([
    "complete -c p -f",
    "complete -c p -n __fish_use_subcommand -a exec -d 'run it'",
    "complete -c p -n '__fish_seen_subcommand_from exec' -l config -r -F -d 'the user\\'s file'",
    "complete -c p -n '__fish_seen_subcommand_from exec' -l prefix -x -d 'a name'",
    "complete -c p -n '__fish_seen_subcommand_from exec' -l print-env -x -a 'sh fish' -d 'print'",
    "complete -c p -n '__fish_seen_subcommand_from exec' -l stats -d 'tell'",
    "complete -c p -n '__fish_seen_subcommand_from exec' -l help -d 'display help for command'",
    "complete -c p -n '__fish_seen_subcommand_from exec' -a '(__fish_complete_subcommand)'",
    "",
  ]);
});

test("the command prints a script for each shell, and names those it knows", async () => {
  for (const shell of ["bash", "zsh"]) {
    const { stdout, code } = await runCommand(["completion", shell]);
    expect(stdout.toString()).toContain(`complete -F _gestalt_cache_memory ${program}\n`);
    expect(code).toBe(0);
    const parsed = spawnSync("bash", ["-n"], { input: stdout, encoding: "utf8" });
    expect(parsed.stderr).toBe("");
  }
  expect((await runCommand(["completion", "fish"])).stdout.toString()).toContain("-l print-env -x");
  const { stderr, code } = await runCommand(["completion", "csh"]);
  expect(stderr).toContain("Allowed choices are bash, zsh, fish");
  expect(code).toBe(2);
});

test("every command has help with examples, and a summary", async () => {
  for (const command of await loadCommands([])) {
    let help = "";
    command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
    expect(help, command.name()).toContain("Examples:");
    expect(help, command.name()).toContain(program);
    expect(command.summary()).not.toBe("");
  }
});
