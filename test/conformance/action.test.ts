import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { delimiter } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { reducedEnvironment } from "../support/child-process.js";
import { commandUnderTest, repositoryRoot } from "../support/provider-process.js";
import { tempDirectory } from "../support/temp-directory.js";

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default: string }>>;
  readonly runs: {
    readonly steps: readonly [
      { readonly run: string; readonly env: Readonly<Record<string, string>> },
    ];
  };
}

const file = join(repositoryRoot, ".github/actions/conformance/action.yml");
const action = parse(readFileSync(file, "utf8")) as Action;

/** Runs the action's step as GitHub does, with the command under test in the place of npx. */
async function runAction(inputs: Readonly<Record<string, string>>) {
  const directory = tempDirectory();
  const words = commandUnderTest.map((word) => `'${word}'`).join(" ");
  mkdirSync(join(directory, "bin"));
  const npx = `#!/bin/sh\n[ "$1 $2" = "--yes gestalt-cache-memory@latest" ] || exit 9\n`;
  const program = `${npx}shift 2\nexec ${words} "$@"\n`;
  writeFileSync(join(directory, "bin/npx"), program, { mode: 0o755 });
  const [{ run, env }] = action.runs.steps;
  const given = Object.fromEntries(
    Object.entries(env).map(([name, expression]) => {
      const input = /^\$\{\{ inputs\.(\w+) \}\}$/.exec(expression)?.[1] ?? "";
      return [name, inputs[input] ?? action.inputs[input]?.default ?? "undeclared input"];
    }),
  );
  const base = reducedEnvironment();
  const path = (name: string): string => join(directory, name);
  const outcome = await promisify(execFile)("bash", ["-e", "-c", run], {
    cwd: directory,
    env: {
      ...base,
      ...given,
      PATH: [path("bin"), base["PATH"]].join(delimiter),
      GITHUB_OUTPUT: path("output"),
      GITHUB_STEP_SUMMARY: path("summary"),
    },
  }).then(
    () => 0,
    (error: unknown) => (error as { code: number }).code,
  );
  const read = (name: string): string => readFileSync(path(name), "utf8");
  return { code: outcome, output: read("output"), summary: read("summary"), read };
}

const provider = join(import.meta.dirname, "independent-provider.mjs");

test("a provider that conforms leaves a report and a summary", { timeout: 60_000 }, async () => {
  const { code, output, summary, read } = await runAction({
    command: `'${process.execPath}' ${provider}`,
    arguments: "--only get,set",
  });
  expect(summary).toMatch(
    /^### Gestalt cache conformance: passes the selected cases of the required profile: 1\d p/,
  );
  expect(output).toBe("junit=conformance.xml\n");
  expect(read("conformance.xml")).toContain('failures="0"');
  expect(code).toBe(0);
});

test("a provider that fails a case fails the step", { timeout: 60_000 }, async () => {
  const { code, summary, read } = await runAction({
    command: `'${process.execPath}' ${provider}`,
    arguments: "--only process/prints-no-values --env 'FAULT=prints cached values'",
    junit: "report.xml",
  });
  expect(summary).toMatch(
    /^### Gestalt cache conformance: does not pass the selected cases of the required profile: 0 passed, 1 failed/,
  );
  expect(read("report.xml")).toContain('failures="1"');
  expect(code).toBe(1);
});

test.each([
  ["wrong usage", { profile: "lax" }, 2],
  ["a version that npm does not have", { version: "none" }, 9],
])("%s fails the step, and the summary says so in one line", async (_cause, inputs, exitCode) => {
  const { code, summary } = await runAction({ command: "provider", ...inputs });
  expect(summary).toBe("### Gestalt cache conformance: did not run; see the log\n");
  expect(code).toBe(exitCode);
});
