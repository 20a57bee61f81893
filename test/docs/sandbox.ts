import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { reducedEnvironment } from "../support/child-process.js";
import { commandUnderTest } from "../support/provider-process.js";
import { tempDirectory } from "../support/temp-directory.js";

/** What a script did. */
export interface ScriptResult {
  readonly code: number | null;
  /** Standard output and standard error, as they came. */
  readonly output: string;
}

/** A reader's shell: a project of their own, and this package's command installed. */
export interface Sandbox {
  /** Runs a shell script that ends at the first command that fails. */
  run(script: string): Promise<ScriptResult>;
}

/** The reader's tests: they fail unless the environment leads to a cache that works. */
const PROJECT_TEST = "gestalt-cache-memory set probe value && gestalt-cache-memory get probe";

/** Makes a sandbox that goes when the current test ends. */
export function createSandbox(): Sandbox {
  const home = tempDirectory();
  const bin = join(home, "bin");
  const project = join(home, "project");
  mkdirSync(bin);
  mkdirSync(project);
  const words = commandUnderTest.map((word) => `'${word}'`).join(" ");
  const command = `#!/bin/sh\nexec ${words} "$@"\n`;
  writeFileSync(join(bin, "gestalt-cache-memory"), command, { mode: 0o755 });
  // Finds nothing but this package's command, and fetches nothing.
  writeFileSync(join(bin, "npx"), `#!/bin/sh\nexec "$@"\n`, { mode: 0o755 });
  const description = { name: "project", private: true, scripts: { test: PROJECT_TEST } };
  writeFileSync(join(project, "package.json"), JSON.stringify(description));
  const base = reducedEnvironment();
  const env = {
    ...base,
    HOME: home,
    TMPDIR: home,
    XDG_RUNTIME_DIR: home,
    PATH: [bin, dirname(process.execPath), base["PATH"]].join(delimiter),
  };
  return {
    async run(script) {
      const child = spawn("sh", ["-eu", "-c", `exec 2>&1\n${script}`], {
        cwd: project,
        env,
        stdio: ["ignore", "pipe", "ignore"],
        timeout: 30_000,
      });
      const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
      const [output, code] = await Promise.all([text(child.stdout), ended]);
      return { code, output };
    },
  };
}
