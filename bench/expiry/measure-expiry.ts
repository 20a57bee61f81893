import { setTimeout as delay } from "node:timers/promises";
import type { StoreKind } from "../../src/memory/config/config-schema.js";
import { percentile } from "../figures/percentiles.js";
import { runOpenLoop } from "../load/open-loop.js";
import type { CorePlan } from "../process/cpu-pinning.js";
import { measureLongestInterruption } from "../process/longest-interruption.js";
import { startExpiryServer, type Emptied, type ExpiryServer, type Holds } from "./expiry-server.js";

/**
 * The part of the entries that expires once before anything is measured: the first
 * thousands go slower, since the runtime has not optimized what removes them.
 */
const WARM_UP_PART = 0.1;

/** How long and how much. */
export interface ExpiryOptions {
  readonly store: StoreKind;
  readonly entries: number;
  /** The time over which deadlines are spread. */
  readonly spreadSeconds: number;
  /** How long after the last deadline it is waited, and everything should be gone. */
  readonly waitSeconds: number;
  /** Reads per second meanwhile. */
  readonly readsPerSecond: number;
  readonly cores: CorePlan;
  readonly progress: (step: string) => void;
}

/** A stretch of time under readers. */
export interface Phase {
  readonly holds: Holds;
  readonly readerP50Ms: number;
  readonly readerP99Ms: number;
  readonly readerP999Ms: number;
  readonly readerMaxMs: number;
}

/** What was found. */
export interface ExpiryFigures {
  /** With all entries alive: what readers meet without any expiry. */
  readonly before: Phase;
  /** While they expire. */
  readonly during: Phase;
  readonly emptied: Emptied;
  /** The same number of entries in a process that nobody talks to. */
  readonly leftInIdleProcess: Emptied;
  /** What the machine itself did to a program that only computes, for as long. */
  readonly interruptionMs: number;
}

/** Lets many entries expire under readers, and once more in a process that is left alone. */
export async function measureExpiry(options: ExpiryOptions): Promise<ExpiryFigures> {
  const { store, cores, spreadSeconds, progress } = options;
  const leftInIdleProcess = await measureIdle(options);
  progress("a program that only computes");
  const interruptionMs = await measureLongestInterruption(cores.server, spreadSeconds);
  const server = await startExpiryServer(store, cores.server, true);
  try {
    return { ...(await measureWithReaders(server, options)), leftInIdleProcess, interruptionMs };
  } finally {
    await server.stop();
  }
}

async function measureWithReaders(
  server: ExpiryServer,
  options: ExpiryOptions,
): Promise<Pick<ExpiryFigures, "before" | "during" | "emptied">> {
  const { entries, spreadSeconds, progress } = options;
  const controlSeconds = spreadSeconds / 2;
  // Room for the filling itself, for warming up, for the control and for starting processes.
  const firstAfterMs = 1000 * (entries / 100_000 + spreadSeconds / 5 + controlSeconds + 1);
  progress("a first few entries expire");
  const few = { entries: Math.ceil(entries * WARM_UP_PART), firstAfterMs: 500, spreadMs: 1_000 };
  await server.fill(few);
  await delay(few.firstAfterMs + few.spreadMs + 500);
  progress(`filling with ${entries} entries`);
  const start = Date.now();
  await server.fill({ entries, firstAfterMs, spreadMs: spreadSeconds * 1000 });
  progress("warming up");
  await read(server, options, spreadSeconds / 5);
  progress("readers, nothing expires yet");
  const before = await readPhase(server, options, controlSeconds);
  await delay(Math.max(0, start + firstAfterMs - Date.now()));
  progress("readers, entries expire");
  const during = await readPhase(server, options, spreadSeconds + options.waitSeconds);
  return { before, during, emptied: await server.emptied() };
}

async function readPhase(
  server: ExpiryServer,
  options: ExpiryOptions,
  seconds: number,
): Promise<Phase> {
  await server.holds();
  const latenciesMs = await read(server, options, seconds);
  return {
    holds: await server.holds(),
    readerP50Ms: percentile(latenciesMs, 0.5),
    readerP99Ms: percentile(latenciesMs, 0.99),
    readerP999Ms: percentile(latenciesMs, 0.999),
    readerMaxMs: percentile(latenciesMs, 1),
  };
}

async function read(
  { socketPath }: ExpiryServer,
  { entries, readsPerSecond, cores }: ExpiryOptions,
  seconds: number,
): Promise<Float64Array> {
  const calls = { kind: "get", keys: entries } as const;
  const loop = { socketPath, calls, callsPerSecond: readsPerSecond, seconds, seed: 5 };
  return (await runOpenLoop(loop, cores.load)).latenciesMs;
}

/** Nothing wakes this process but its own timers. */
async function measureIdle({
  store,
  entries,
  waitSeconds,
  cores,
  progress,
}: ExpiryOptions): Promise<Emptied> {
  const server = await startExpiryServer(store, cores.server, false);
  try {
    const firstAfterMs = entries / 100 + 500;
    const spreadMs = Math.min(1_000, entries);
    progress("an idle process, entries expire");
    const start = Date.now();
    await server.fill({ entries, firstAfterMs, spreadMs });
    await delay(Math.max(0, start + firstAfterMs + spreadMs + 1000 * waitSeconds - Date.now()));
    return await server.emptied();
  } finally {
    await server.stop();
  }
}
