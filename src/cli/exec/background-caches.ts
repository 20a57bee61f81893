import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { Command } from "commander";
import type { MemoryCacheConfig } from "../../memory/config/memory-cache-config.js";
import { keepServingOnErrors } from "../../host/process-errors.js";
import { stopOnSignals } from "../../host/process-stop.js";
import type { ClockMode } from "../../standalone/control/adjustable-clock.js";
import type { FaultRule } from "../../standalone/control/fault-rule.js";
import { startEphemeralCache } from "../../standalone/ephemeral-cache.js";
import { openCallFile, seedFrom } from "../control/control-flags.js";
import { selfCommand } from "../self-command.js";
import { inheritedDescriptors } from "./inherited-descriptors.js";

/** The internal command that runs caches in the background. */
export const BACKGROUND_COMMAND = "exec-background";

/** The variable with the process id of the caches, for `kill`. */
export const BACKGROUND_PID_VARIABLE = "GESTALT_CACHE_MEMORY_PID";

/**
 * What the caches in the background are made with. It travels over the channel between the processes,
 * since `ps` shows arguments to everybody, and a configuration may hold a password.
 */
export interface BackgroundOptions {
  readonly bindings: readonly string[];
  readonly config: MemoryCacheConfig;
  readonly prefix?: string;
  readonly clock?: ClockMode;
  readonly faults?: readonly FaultRule[];
  /** Absolute paths: entries to begin with, and where calls are appended. */
  readonly seedFile?: string;
  readonly recordFile?: string;
  /** Serve the page. */
  readonly ui?: boolean;
}

/** Caches in a background process. */
export interface BackgroundCaches {
  /** The variables of the caches, and the id of their process. */
  readonly env: Readonly<Record<string, string>>;
  /** The link to the page; undefined without `ui`. */
  readonly pageLink: string | undefined;
  /** Keeps the caches running until they are killed. */
  keep(): Promise<void>;
  /** Disconnects from the process. It ends unless {@link BackgroundCaches.keep} was called. */
  release(): void;
}

/** The messages of the background process: `ready` for the options, and then one of the others. */
type Announcement =
  | { readonly kind: "ready" }
  | {
      readonly kind: "started";
      readonly env: Record<string, string>;
      readonly pageLink?: string | undefined;
    }
  | { readonly kind: "failed"; readonly problem: string };

/** Preload scripts may send messages too. */
interface SentAnnouncement {
  readonly [BACKGROUND_COMMAND]?: Announcement;
}

/** The message to the background process that keeps it running. */
const KEEP = "keep";

/**
 * Starts caches in a background process. It ends with this process, even if this one is killed,
 * unless `keep` was called.
 *
 * @throws Error with the reason when the caches cannot be started
 */
export async function startBackgroundCaches(options: BackgroundOptions): Promise<BackgroundCaches> {
  const [program, ...args] = selfCommand();
  const nothing = openSync("/dev/null", "r+");
  // The caches must not hold inherited pipes open: another process may wait for their end.
  const inherited = inheritedDescriptors();
  const stdio = Array.from({ length: (inherited.at(-1) ?? 2) + 1 }, (_, number) =>
    inherited.includes(number) ? nothing : ("ignore" as const),
  );
  // A channel of its own: a preload script may write to standard output.
  const child = spawn(program, [...args, BACKGROUND_COMMAND], {
    detached: true,
    stdio: [...stdio, "ipc"],
  });
  closeSync(nothing);
  const announced = await new Promise<Exclude<Announcement, { kind: "ready" }>>(
    (resolve, reject) => {
      child.on("message", (message: SentAnnouncement | null) => {
        const announcement = message?.[BACKGROUND_COMMAND];
        // Not sooner: a preload script that listens for messages would take the options.
        if (announcement?.kind === "ready") {
          child.send(options, (error) => {
            if (error) reject(error);
          });
        } else if (announcement !== undefined) resolve(announcement);
      });
      child.once("error", reject);
      child.once("disconnect", () => {
        const problem = "the caches in the background ended before they could be used";
        resolve({ kind: "failed", problem });
      });
    },
  );
  if (announced.kind === "failed") throw new Error(announced.problem);
  return {
    env: { ...announced.env, [BACKGROUND_PID_VARIABLE]: String(child.pid) },
    pageLink: announced.pageLink,
    keep: () =>
      new Promise((resolve, reject) => {
        child.send(KEEP, (error) => (error ? reject(error) : resolve()));
      }),
    release: () => {
      child.disconnect();
      child.unref();
    },
  };
}

/** Creates the internal command that runs in the background process. */
export function createBackgroundCommand(): Command {
  return new Command(BACKGROUND_COMMAND).action(async () => {
    const announce = (announcement: Announcement): void =>
      void process.send?.({ [BACKGROUND_COMMAND]: announcement } satisfies SentAnnouncement);
    const { config, seedFile, recordFile, ui, ...options } = await new Promise<BackgroundOptions>(
      (resolve) => {
        process.once("message", (message) => resolve(message as BackgroundOptions));
        // A preload script may have called unref.
        process.channel?.ref();
        announce({ kind: "ready" });
      },
    );
    try {
      // The process has no output.
      const log = (): void => {};
      const callFile = recordFile === undefined ? undefined : openCallFile(recordFile, log);
      let pageLink: string | undefined;
      const caches = await startEphemeralCache({
        ...options,
        // Only the first link can be printed.
        ...(ui === true ? { onPageLink: (url: string) => (pageLink ??= url) } : {}),
        config: { ...config },
        seed: seedFrom(seedFile),
        ...(callFile === undefined ? {} : { onCall: (call) => callFile.add(call, call.binding) }),
      });
      const close = async (): Promise<void> => {
        await caches.close();
        await callFile?.close();
      };
      const stop = stopOnSignals({ close, log });
      keepServingOnErrors(log);
      let isKept = false;
      process.once("message", () => (isKept = true));
      const endUnlessKept = (): void => {
        if (!isKept) stop();
      };
      process.once("disconnect", endUnlessKept);
      if (process.connected) announce({ kind: "started", env: { ...caches.env }, pageLink });
      else endUnlessKept();
    } catch (error) {
      announce({ kind: "failed", problem: error instanceof Error ? error.message : String(error) });
      process.disconnect();
    }
  });
}
