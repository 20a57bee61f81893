import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { isAlive, reducedEnvironment, until } from "../support/child-process.js";
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

/** How long a script may run. */
const TIMEOUT_MS = 40_000;

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
      // A file: Node makes a shared pipe non-blocking, and other programs' writes to it then fail.
      const outputFile = join(home, "output");
      const output = openSync(outputFile, "w");
      const child = spawn("sh", ["-eu", "-c", script], {
        cwd: project,
        env,
        stdio: ["ignore", output, output],
        // A group of its own, so that what a script leaves behind can be found and ended.
        detached: true,
      });
      closeSync(output);
      const group = -(child.pid ?? 0);
      const timer = setTimeout(() => process.kill(group, "SIGKILL"), TIMEOUT_MS);
      const [code] = (await once(child, "close")) as [number | null];
      clearTimeout(timer);
      const what = () => `of a script still runs:\n${script}\n${readFileSync(outputFile, "utf8")}`;
      await until(() => !isAlive(group), { what }).catch((error: unknown) => {
        process.kill(group, "SIGKILL");
        throw error;
      });
      return { code, output: readFileSync(outputFile, "utf8") };
    },
  };
}
