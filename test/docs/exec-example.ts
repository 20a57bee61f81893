import { execFile, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "vitest";
import { reducedEnvironment } from "../support/child-process.js";
import { commandUnderTest } from "../support/provider-process.js";
import { tempDirectory } from "../support/temp-directory.js";
import { fencedBlocks } from "./fenced-blocks.js";

const run = promisify(execFile);

/** A program of docs/testing.md in another language, and how it is run. */
export interface ExecExample {
  readonly language: string;
  readonly file: string;
  readonly command: readonly [string, ...string[]];
  /** The argument with which the command says its version. */
  readonly version: string;
}

/** Runs the page's only program in a language under `exec`; says so if it cannot be run here. */
export async function runExample(example: ExecExample): Promise<void> {
  const { language, file, command, version } = example;
  const blocks = fencedBlocks("docs/testing.md", [language]);
  expect(blocks).toHaveLength(1);
  if (spawnSync(command[0], [version]).status !== 0) {
    console.log(`${command[0]} is not installed: its example is not run`);
    return;
  }
  const directory = tempDirectory();
  const path = join(directory, file);
  writeFileSync(path, blocks[0]?.text ?? "");
  const [program = "", ...args] = commandUnderTest;
  const env = { ...reducedEnvironment(), CGO_ENABLED: "0" };
  await run(program, [...args, "exec", "--", ...command, path], { env, cwd: directory });
}
