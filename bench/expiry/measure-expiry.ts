import { setTimeout as delay } from "node:timers/promises";
import type { StoreKind } from "../../src/memory/config/config-schema.js";
import { percentile } from "../figures/percentiles.js";
import { runOpenLoop } from "../load/open-loop.js";
import type { CorePlan } from "../process/cpu-pinning.js";
import { measureLongestInterruption } from "../process/longest-interruption.js";
import { startExpiryServer, type Emptied, type ExpiryServer, type Holds } from "./expiry-server.js";

/**
 * The part of the entries that expires once before the measurement: the first
 * thousands take longer, since the runtime has not yet optimized the code that removes them.
 */
const WARM_UP_PART = 0.1;

/** Options of {@link measureExpiry}. */
export interface ExpiryOptions {
  readonly store: StoreKind;
  readonly entries: number;
  /** The time over which deadlines are spread. */
  readonly spreadSeconds: number;
  /** The wait after the last deadline, when all entries should be removed. */
  readonly waitSeconds: number;
  /** Reads per second during the measurement. */
  readonly readsPerSecond: number;
  readonly cores: CorePlan;
  readonly progress: (step: string) => void;
}

/** The figures of a period with readers. */
export interface Phase {
  readonly holds: Holds;
  readonly readerP50Ms: number;
  readonly readerP99Ms: number;
  readonly readerP999Ms: number;
  readonly readerMaxMs: number;
}

/** The figures of {@link measureExpiry}. */
export interface ExpiryFigures {
  /** While all entries are live, for comparison. */
  readonly before: Phase;
  /** While they expire. */
  readonly during: Phase;
  readonly emptied: Emptied;
  /** The same number of entries in a process without clients. */
  readonly leftInIdleProcess: Emptied;
  /** The longest interruption of a program that only computes, by the machine. */
  readonly interruptionMs: number;
}

/** Measures the expiry of many entries, with readers and in a process without clients. */
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
  // Time to fill, to warm up, to measure without expiry and to start processes.
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

/** Measures the expiry in a process that only its own timers wake. */
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
