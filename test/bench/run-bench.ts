import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { startProcess } from "../support/child-process.js";
import { tempDirectory } from "../support/temp-directory.js";

/** The program that runs a bench. */
export const BENCH_RUNNER = join(import.meta.dirname, "../../bench/run.mjs");

/** What a bench printed, and the figures that it wrote. */
export interface BenchOutcome {
  readonly stdout: string;
  readonly figures: Readonly<Record<string, unknown>>;
}

/** Runs a bench to its end, which must be a success. */
export async function runBench(name: string, ...options: string[]): Promise<BenchOutcome> {
  const json = join(tempDirectory(), "figures.json");
  const bench = startProcess([process.execPath, BENCH_RUNNER, name, ...options, "--json", json]);
  const end = await bench.ended;
  expect(end, bench.stderr()).toEqual({ code: 0, signal: null });
  const { figures } = JSON.parse(readFileSync(json, "utf8")) as BenchOutcome;
  return { stdout: bench.stdout(), figures };
}
