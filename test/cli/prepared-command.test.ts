import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { preparedCommand, type Words } from "../../src/cli/exec/prepared-command.js";

const NOTHING = { ignored: new Set<NodeJS.Signals>(), rawWords: new Map(), rawVariables: [] };

test("preparedCommand returns a command without preparation unchanged", () => {
  expect(preparedCommand(["program", "a"], { "odd.name": "1" }, NOTHING)).toEqual(["program", "a"]);
});

// /bin/sh is dash on Debian, and bash on Fedora and macOS.
describe.each(["dash", "bash"])("a command prepared by %s", (shell) => {
  const latin1 = (text: string): Buffer => Buffer.from(text, "latin1");

  /** The output of a command that is started with this environment in this shell. */
  function output(words: Words, env: Record<string, string>): Buffer {
    const [, ...args] = words;
    const result = spawnSync(shell, args, {
      argv0: "sh",
      env: { PATH: process.env["PATH"] ?? "", ...env },
    });
    expect(result.stderr.toString()).toBe("");
    return result.stdout;
  }

  test("gets words that are not UTF-8 at their positions, and all others unchanged", () => {
    const words: Words = ["printf", "<%s>", "a", "?", "", "*", "é\n", "?", "$(id)", ...letters()];
    const rawWords = new Map([
      [3, latin1("\xff\n\n")],
      [7, latin1(`\xc3'"$\`\\%s\x01`)],
    ]);
    expect(output(preparedCommand(words, {}, { ...NOTHING, rawWords }), {})).toEqual(
      Buffer.concat(
        words.slice(2).map((word, index) => {
          const bytes = rawWords.get(index + 2) ?? Buffer.from(word);
          return Buffer.concat([latin1("<"), bytes, latin1(">")]);
        }),
      ),
    );
  });

  test("gets variables that are not UTF-8, and those with names that are invalid in a shell", () => {
    const env = { "odd.name": "two\nlines", PLAIN: "é" };
    const rawVariables = [latin1("LATIN=\xe9=1\n"), latin1("odd\xff=2")];
    const words = preparedCommand(["env", "-0"], env, { ...NOTHING, rawVariables });
    const variables = output(words, env).toString("latin1").split("\0");
    expect(variables).toEqual(
      expect.arrayContaining(["odd.name=two\nlines", "PLAIN=Ã©", "LATIN=\xe9=1\n", "odd\xff=2"]),
    );
    expect(variables.filter((variable) => variable.includes("gestalt"))).toEqual([]);
  });

  test("ignores the signals, in the same process", () => {
    const ignored = new Set<NodeJS.Signals>(["SIGHUP", "SIGPIPE", "SIGTSTP"]);
    const show = ["sh", "-c", 'echo "$$"; grep SigIgn /proc/self/status'] as const;
    const [, status] = output(preparedCommand(show, {}, { ...NOTHING, ignored }), {})
      .toString()
      .split("\n");
    expect(status).toMatch(/^SigIgn:\t0+81001$/);
  });
});

function letters(): string[] {
  return Array.from({ length: 20 }, (_, index) => String.fromCodePoint(97 + index));
}
