import { spawn } from "node:child_process";
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { reducedEnvironment } from "../support/child-process.js";
import { commandUnderTest, repositoryRoot } from "../support/provider-process.js";
import { tempDirectory } from "../support/temp-directory.js";

/** The outcome of a command in an example. */
export interface ExampleResult {
  readonly code: number | null;
  readonly output: string;
}

/** A copy of an example, with the packages that `npm install` would install. */
export interface ExampleProject {
  readonly directory: string;
  /** Runs a shell command in the copy, where `npx gestalt-cache-memory` is the command under test. */
  run(command: string, env?: Readonly<Record<string, string>>): Promise<ExampleResult>;
}

/** Copies an example out of this repository, so that it cannot use its files by accident. */
export function createExampleProject(name: string): ExampleProject {
  const directory = join(tempDirectory(), name);
  cpSync(join(repositoryRoot, "examples", name), directory, {
    recursive: true,
    filter: (path) => !path.includes("node_modules"),
  });
  const modules = join(directory, "node_modules");
  mkdirSync(modules);
  symlinkSync(repositoryRoot, join(modules, "gestalt-cache-memory"));
  const installed = join(repositoryRoot, "node_modules");
  symlinkSync(join(installed, "vitest"), join(modules, "vitest"));
  symlinkSync(join(installed, ".bin"), join(modules, ".bin"));

  const shims = join(directory, "..", "bin");
  mkdirSync(shims);
  const words = commandUnderTest.map((word) => `'${word}'`).join(" ");
  writeFileSync(join(shims, "npx"), `#!/bin/sh\nshift\nexec ${words} "$@"\n`, { mode: 0o755 });

  const base = reducedEnvironment();
  const PATH = [shims, dirname(process.execPath), base["PATH"]].join(delimiter);
  return {
    directory,
    async run(command, env = {}) {
      const child = spawn("sh", ["-c", `${command} 2>&1`], {
        cwd: directory,
        env: { ...base, PATH, CI: "1", NO_COLOR: "1", ...env },
        stdio: ["ignore", "pipe", "inherit"],
        timeout: 60_000,
      });
      const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
      const [output, code] = await Promise.all([text(child.stdout), ended]);
      return { code, output };
    },
  };
}
