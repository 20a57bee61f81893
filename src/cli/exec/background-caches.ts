import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { Command } from "commander";
import type { MemoryCacheConfig } from "../../memory/memory-cache-config.js";
import { keepServingOnErrors } from "../../server/process-errors.js";
import { stopOnSignals } from "../../server/process-stop.js";
import { startEphemeralCache } from "../../testing/ephemeral-cache.js";
import { selfCommand } from "../self-command.js";

/** The command, left out of the help, under which caches run in the background. */
export const BACKGROUND_COMMAND = "exec-background";

/** The variable with the process id of the caches, for `kill`. */
export const BACKGROUND_PID_VARIABLE = "GESTALT_CACHE_MEMORY_PID";

/** What the caches in the background are made with; travels as JSON. */
export interface BackgroundOptions {
  readonly bindings: readonly string[];
  readonly config: MemoryCacheConfig;
  readonly prefix?: string;
}

/** The one line that the process in the background says. */
type Announcement = { readonly env: Record<string, string> } | { readonly problem: string };

/**
 * Starts caches in a process of their own, which lives until it is killed.
 *
 * @returns the variables of the caches, and the process's id
 */
export async function startBackgroundCaches(
  options: BackgroundOptions,
): Promise<Record<string, string>> {
  const [program, ...args] = selfCommand();
  const child = spawn(program, [...args, BACKGROUND_COMMAND, JSON.stringify(options)], {
    detached: true,
    stdio: ["ignore", "pipe", "ignore"],
  });
  child.once("error", () => {});
  const announced = await announcementFrom(child.stdout);
  if ("problem" in announced) throw new Error(announced.problem);
  child.stdout.destroy();
  child.unref();
  return { ...announced.env, [BACKGROUND_PID_VARIABLE]: String(child.pid) };
}

async function announcementFrom(output: Readable): Promise<Announcement> {
  for await (const line of createInterface(output)) return JSON.parse(line) as Announcement;
  return { problem: "the caches in the background ended before they could be used" };
}

/** The side in the background. */
export function createBackgroundCommand(): Command {
  return new Command(BACKGROUND_COMMAND).argument("<options>").action(async (json: string) => {
    const announce = (announcement: Announcement): void => {
      process.stdout.write(`${JSON.stringify(announcement)}\n`);
    };
    const { config, ...options } = JSON.parse(json) as BackgroundOptions;
    try {
      const caches = await startEphemeralCache({ ...options, config: { ...config } });
      // Nobody reads what it says.
      const log = (): void => {};
      stopOnSignals({ close: () => caches.close(), log });
      keepServingOnErrors(log);
      announce({ env: { ...caches.env } });
    } catch (error) {
      announce({ problem: error instanceof Error ? error.message : String(error) });
    }
  });
}
