import { spawn, type ChildProcess } from "node:child_process";
import { rmSync } from "node:fs";
import { clearTimeout, setTimeout } from "node:timers";
import type { GrpcChannel } from "../grpc/grpc-channel.js";
import type { HostGeneration } from "./host-environment.js";
import { ProcessOutput } from "./process-output.js";

/** A command as the host runs it: no shell. */
export interface ProviderCommand {
  readonly command: string;
  readonly args: readonly string[];
  /** Variables of the provider's own, as the `env` of the host's entry would set them. */
  readonly env?: Readonly<Record<string, string>>;
}

/** How one start differs from the usual one. */
export interface HostStart {
  /** Whose names say where to listen; default: those of both generations, same path. */
  readonly generation?: HostGeneration | "newer first";
  /** The pid given as the host's; default: that of the process that starts the provider. */
  readonly parentPid?: number;
  /** False: no variable with the configured name. */
  readonly named?: boolean;
  /** True: through a parent process that can be killed. */
  readonly underParent?: boolean;
}

/** How a provider ended. */
export interface ProviderExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** An exit as a report shows it. */
export function showExit({ code, signal }: ProviderExit): string {
  return signal === null ? `exit code ${code ?? "unknown"}` : `ended by ${signal}`;
}

/** How long a provider has to end after SIGTERM before the kit kills it. */
const GRACE_MS = 500;

/** How long after SIGKILL the kit waits for what still has the provider's output open. */
const OUTPUT_MS = 500;

/** Why a command does not start, in words for the codes of the system. */
const START_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: "was not found",
  EACCES: "is not executable",
};

/** Groups that still run, so that none outlives the kit. */
const running = new Set<RunningProvider>();

function killRunning(): void {
  for (const provider of running) provider.killGroup("SIGKILL");
}

/** The process has a listener for as long as there is something to end. */
function noteRunning(provider: RunningProvider): void {
  if (running.size === 0) process.on("exit", killRunning);
  running.add(provider);
}

function noteEnded(provider: RunningProvider): void {
  running.delete(provider);
  if (running.size === 0) process.off("exit", killRunning);
}

/** How a provider's process is begun. */
export interface SpawnRequest {
  readonly command: string;
  readonly args: readonly string[];
  readonly environment: Record<string, string>;
  /** The fresh directory of its socket; removed with the provider. */
  readonly directory: string;
  readonly socketPath: string;
}

/**
 * A provider's process and everything it started. It leads a process group of
 * its own, so that nothing of it is left behind.
 */
export class RunningProvider {
  readonly socketPath: string;
  readonly output: ProcessOutput;
  /** Settles when the process has ended. */
  readonly exit: Promise<ProviderExit>;
  /** Settles when the process and all that share its output have ended. */
  readonly allGone: Promise<void>;
  /** How it ended; undefined while it runs. */
  exited: ProviderExit | undefined;
  /** Why the command could not be started; undefined when it was. */
  notStarted: string | undefined;
  /** How often the socket was there and yet refused a connection. */
  refusals = 0;
  /** The connection by which its readiness was found. */
  channel: GrpcChannel | undefined;
  readonly #child: ChildProcess;
  readonly #directory: string;
  #gone = false;

  constructor(request: SpawnRequest) {
    this.socketPath = request.socketPath;
    this.#directory = request.directory;
    this.#child = spawn(request.command, [...request.args], {
      env: request.environment,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    this.output = new ProcessOutput([this.#child.stdout, this.#child.stderr]);
    noteRunning(this);
    this.exit = new Promise((resolve) => {
      const end = (exit: ProviderExit): void => {
        this.exited ??= exit;
        resolve(this.exited);
      };
      this.#child.once("exit", (code, signal) => end({ code, signal }));
      this.#child.once("error", ({ code = "no reason given" }: NodeJS.ErrnoException) => {
        const reason = START_ERRORS[code] ?? code;
        this.notStarted = `the command ${JSON.stringify(request.command)} ${reason}`;
        end({ code: 127, signal: null });
      });
    });
    this.allGone = new Promise((resolve) => {
      const end = (): void => {
        this.#gone = true;
        noteEnded(this);
        resolve();
      };
      this.#child.once("close", end);
      this.#child.once("error", end);
    });
  }

  /** The pid of the process that was started; undefined when that failed. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Signals the direct child only, as the host does. */
  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Signals the process and everything that it started. */
  killGroup(signal: NodeJS.Signals): void {
    if (this.#gone || this.pid === undefined) return;
    try {
      process.kill(-this.pid, signal);
    } catch {
      // Nobody is left in the group.
    }
  }

  /**
   * Ends everything, by force where asking does not help, and removes the directory. A process
   * that has left the group and keeps the output open is not waited for.
   */
  async end(): Promise<void> {
    this.channel?.close();
    if (!this.#gone) this.killGroup("SIGTERM");
    if (!(await this.#goneWithin(GRACE_MS))) {
      this.killGroup("SIGKILL");
      if (!(await this.#goneWithin(OUTPUT_MS))) {
        this.#child.stdout?.destroy();
        this.#child.stderr?.destroy();
      }
    }
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** True when the process, and all that share its output, have ended in this time. */
  async #goneWithin(ms: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms);
    });
    await Promise.race([this.allGone, timeout]);
    clearTimeout(timer);
    return this.#gone;
  }
}
