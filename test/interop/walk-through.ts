import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { commandUnderTest, repositoryRoot } from "../support/provider-process.js";
import { tempDirectory } from "../support/temp-directory.js";

/** What a page asks its reader to do: to write a file, or to type commands. */
export type Step =
  | { readonly kind: "file"; readonly path: string; readonly text: string }
  | { readonly kind: "commands"; readonly text: string; readonly shown: string };

/** What a step's commands did. */
export interface StepResult {
  readonly code: number | null;
  readonly output: string;
}

/** A reader's machine: a directory, and the kit where npm finds it. */
export interface Reader {
  /** Does a step in the directory where the step before it ended. Commands end at the first that fails. */
  run(step: Step): Promise<StepResult>;
}

/** A block after a line such as "Write `main.go`:" is that file; what follows commands is their output. */
const STEP = /(?:`(?<path>[\w./-]+)`:\n\n)?^```(?<language>\w+)\n(?<text>[^]*?)^```$/gm;

/** The steps of a page, in order. */
export function stepsOf(page: string): Step[] {
  const source = readFileSync(join(repositoryRoot, page), "utf8");
  const blocks = Array.from(source.matchAll(STEP), ({ groups = {} }) => groups);
  return blocks.flatMap(({ path, language, text = "" }, index): Step[] => {
    if (path !== undefined) return [{ kind: "file", path, text }];
    if (language === "sh")
      return [{ kind: "commands", text, shown: shownAfter(blocks[index + 1]) }];
    if (blocks[index - 1]?.["language"] === "sh") return [];
    throw new Error(`${page}: a block is neither a file, nor commands, nor their output:\n${text}`);
  });
}

function shownAfter(next: Record<string, string> | undefined): string {
  if (next === undefined || next["language"] !== "text" || next["path"] !== undefined) return "";
  return next["text"] ?? "";
}

/**
 * Makes an empty directory that goes when the current test ends.
 * @param archive this package as `npm pack` leaves it, which npm installs instead of the published one
 * @param env added to this process's environment
 */
export function createReader(archive: string, env: Readonly<Record<string, string>>): Reader {
  const home = tempDirectory();
  const bin = join(home, "bin");
  const state = join(home, "directory");
  let directory = join(home, "empty");
  mkdirSync(bin);
  mkdirSync(directory);
  const script = (name: string, line: string): void =>
    writeFileSync(join(bin, name), `#!/bin/sh\n${line}\n`, { mode: 0o755 });
  const words = commandUnderTest.map((word) => `'${word}'`).join(" ");
  script("gestalt-cache-memory", `exec ${words} "$@"`);
  // As npx, but without fetching what the project has not installed.
  script("npx", `PATH="$PWD/node_modules/.bin:$PATH" exec "$@"`);
  const PATH = [bin, process.env["PATH"]].join(delimiter);
  return {
    async run(step) {
      if (step.kind === "file") {
        writeFileSync(resolve(directory, step.path), step.text);
        return { code: 0, output: "" };
      }
      const text = step.text.replace(/^(npm install .*)\bgestalt-cache-memory\b/m, `$1${archive}`);
      const outputFile = join(home, "output");
      const output = openSync(outputFile, "w");
      const child = spawn("sh", ["-eu", "-c", `${text}\npwd >'${state}'`], {
        cwd: directory,
        env: { ...process.env, ...env, PATH },
        stdio: ["ignore", output, output],
      });
      closeSync(output);
      const [code] = (await once(child, "close")) as [number | null];
      if (code === 0) directory = readFileSync(state, "utf8").trim();
      return { code, output: readFileSync(outputFile, "utf8") };
    },
  };
}
