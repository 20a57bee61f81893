import { tempDirectory } from "../support/temp-directory.js";
import { spawn } from "node:child_process";
import { buffer, text } from "node:stream/consumers";
import { onTestFinished, vi } from "vitest";
import { runCommandLine } from "../../src/cli/command-line.js";
import {
  startEphemeralCache,
  type EphemeralCache,
  type EphemeralCacheOptions,
} from "../../src/standalone/ephemeral-cache.js";
import { reducedEnvironment } from "../support/child-process.js";
import { commandUnderTest } from "../support/provider-process.js";

/** The outcome of a command line. */
export interface CommandResult {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Runs one command line to its end. */
export async function runCommand(
  args: readonly string[],
  {
    env = {},
    input = "",
  }: { env?: Readonly<Record<string, string>>; input?: string | Buffer } = {},
): Promise<CommandResult> {
  const [program = "", ...programArgs] = commandUnderTest;
  const child = spawn(program, [...programArgs, ...args], {
    env: { ...reducedEnvironment(), ...env },
    timeout: 55_000,
  });
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const [stdout, stderr, code] = await Promise.all([
    buffer(child.stdout),
    text(child.stderr),
    ended,
  ]);
  return { code, stdout, stderr };
}

/**
 * Runs one command line in this process, which is much faster. Not for tests of
 * standard input, pipes and signals. Runs must not overlap.
 */
export async function runCommandHere(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<CommandResult> {
  const output: Buffer[] = [];
  let stderr = "";
  const written = vi.spyOn(process.stdout, "write").mockImplementation((chunk, ...rest) => {
    output.push(Buffer.from(chunk));
    const done = rest.at(-1) as (() => void) | undefined;
    done?.();
    return true;
  });
  const printed = vi.spyOn(console, "error").mockImplementation((line: string) => {
    stderr += `${line}\n`;
  });
  // A server at the default address of this machine must not be found.
  const directory = tempDirectory();
  const isolated = { XDG_RUNTIME_DIR: directory, TMPDIR: directory };
  for (const [name, value] of Object.entries({ ...isolated, ...env })) vi.stubEnv(name, value);
  try {
    const code = await runCommandLine(args);
    return { code, stdout: Buffer.concat(output), stderr };
  } finally {
    vi.unstubAllEnvs();
    written.mockRestore();
    printed.mockRestore();
  }
}

/** Starts caches until the test ends. Both ways to run a command find them in the environment. */
export async function startCachesForCommands(options?: EphemeralCacheOptions): Promise<{
  caches: EphemeralCache;
  /** Runs a command in this process. */
  run: (args: readonly string[]) => Promise<CommandResult>;
  /** Runs a command in a separate process. */
  runProcess: (args: readonly string[], input?: string | Buffer) => Promise<CommandResult>;
}> {
  const caches = await startEphemeralCache(options);
  onTestFinished(() => caches.close());
  const { env } = caches;
  return {
    caches,
    run: (args) => runCommandHere(args, env),
    runProcess: (args, input = "") => runCommand(args, { env, input }),
  };
}
