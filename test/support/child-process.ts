import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { onTestFinished } from "vitest";

/** How a process ended. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A real process that a test started. It is killed when the test ends. */
export interface ChildProcess {
  readonly pid: number;
  /** Settles when it has ended and its output is complete. */
  readonly ended: Promise<ProcessEnd>;
  /** True until it has ended. */
  readonly isRunning: () => boolean;
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly signal: (signal: NodeJS.Signals) => void;
}

/** How to start a process. It inherits no other variables, and its stdin is empty. */
export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** The variables of its own environment that the host passes to a provider. */
export function reducedEnvironment(): Record<string, string> {
  const names = ["PATH", "HOME", "TMPDIR", "LANG", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR"];
  const set = names.map((name) => [name, process.env[name]] as const);
  return Object.fromEntries(set.filter((entry): entry is [string, string] => entry[1] != null));
}

/** Starts a process without a shell. */
export function startProcess(command: readonly string[], options: StartOptions = {}): ChildProcess {
  const [program = "", ...args] = command;
  const child = spawn(program, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: options.env ?? reducedEnvironment(),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const ended = new Promise<ProcessEnd>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal }));
  });
  // A test may wait for something other than the end; it fails there.
  ended.catch(() => {});
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  return {
    pid: child.pid ?? -1,
    ended,
    isRunning: () => child.exitCode === null && child.signalCode === null,
    stdout: () => stdout,
    stderr: () => stderr,
    signal: (signal) => void child.kill(signal),
  };
}

/** Waits until `condition` is true, and checks it every few milliseconds. */
export async function until(
  condition: () => boolean,
  {
    withinMs = 10_000,
    what = "condition",
  }: { withinMs?: number; what?: string | (() => string) } = {},
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!condition()) {
    if (performance.now() > deadline) {
      throw new Error(`after ${withinMs} ms: ${typeof what === "string" ? what : what()}`);
    }
    await delay(5);
  }
}

/** True for a running process; false for a zombie. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const stat = `/proc/${pid}/stat`;
  if (!existsSync(stat)) return true;
  // The state follows the name, which is in brackets and may contain any character.
  return !/\) Z /.test(readFileSync(stat, "utf8"));
}
