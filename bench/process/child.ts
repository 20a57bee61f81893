import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { pinnedCommand } from "./cpu-pinning.js";

/** How to start a process of the bench. */
export interface ChildOptions {
  /** The core it may use; unset: any. */
  readonly core?: number | undefined;
  /** The complete environment; default: that of this process. */
  readonly env?: NodeJS.ProcessEnv;
}

const benchRoot = join(import.meta.dirname, "..");
const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => process.exit(1));
}

/** Starts a program. It inherits standard error; its standard output is dropped. */
export function startProgram(
  command: string,
  args: readonly string[],
  options: ChildOptions = {},
): ChildProcess {
  return start(command, args, options, false);
}

/**
 * Starts a program of the bench (a path below bench/, without its
 * extension), for use with {@link ask}. It ends with this process.
 */
export function startBenchProgram(
  program: string,
  args: readonly string[],
  options: ChildOptions = {},
): ChildProcess {
  const script = join(benchRoot, `${program}.js`);
  return start(process.execPath, [script, ...args], options, true);
}

/** Sends a request to a child of {@link startBenchProgram} and returns its next message. */
export async function ask<Answer>(child: ChildProcess, question: object): Promise<Answer> {
  const answer = nextMessage<Answer>(child);
  child.send(question);
  return await answer;
}

/** The child's next message. Rejects when the child ends first. */
export async function nextMessage<Message>(child: ChildProcess): Promise<Message> {
  const ended = new AbortController();
  const onExit = (code: number | null, signal: string | null): void =>
    ended.abort(new Error(`${child.spawnargs.join(" ")} ended early: ${code ?? signal ?? ""}`));
  child.once("exit", onExit);
  try {
    const [message] = (await once(child, "message", { signal: ended.signal })) as [Message];
    return message;
  } catch (error) {
    throw ended.signal.aborted ? (ended.signal.reason as Error) : error;
  } finally {
    child.off("exit", onExit);
  }
}

/** Stops a child and waits for its end. */
export async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill("SIGTERM");
  const impatience = setTimeout(() => child.kill("SIGKILL"), 5_000);
  await exit;
  clearTimeout(impatience);
}

function start(
  command: string,
  args: readonly string[],
  options: ChildOptions,
  talks: boolean,
): ChildProcess {
  const child = spawn(...pinnedCommand(options.core, command, args), {
    stdio: talks ? ["ignore", "ignore", "inherit", "ipc"] : ["ignore", "ignore", "inherit"],
    serialization: "advanced",
    ...(options.env === undefined ? {} : { env: options.env }),
  });
  running.add(child);
  child.once("exit", () => running.delete(child));
  child.once("error", (error) => {
    running.delete(child);
    throw new Error(`cannot start ${command}: ${error.message}`);
  });
  return child;
}
