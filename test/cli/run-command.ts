import { spawn } from "node:child_process";
import { buffer, text } from "node:stream/consumers";
import { onTestFinished } from "vitest";
import {
  startEphemeralCache,
  type EphemeralCache,
  type EphemeralCacheOptions,
} from "../../src/testing/ephemeral-cache.js";
import { reducedEnvironment } from "../support/child-process.js";
import { commandUnderTest } from "../support/provider-process.js";

/** What a command line did. */
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

/** Starts caches for the length of a test; `run` finds them in its environment. */
export async function startCachesForCommands(options?: EphemeralCacheOptions): Promise<{
  caches: EphemeralCache;
  run: (args: readonly string[], input?: string | Buffer) => Promise<CommandResult>;
}> {
  const caches = await startEphemeralCache(options);
  onTestFinished(() => caches.close());
  return { caches, run: (args, input = "") => runCommand(args, { env: caches.env, input }) };
}
