import type { LoadResult } from "./load-generator.js";

/**
 * Reads the summary that h2load prints.
 * @throws Error when not every call succeeded: nothing else is good enough
 */
export function parseH2loadReport(report: string, calls: number): Omit<LoadResult, "latenciesMs"> {
  const callsPerSecond = /finished in .*?, ([\d.]+) req\/s/.exec(report)?.[1];
  const succeeded = /requests: .* (\d+) succeeded/.exec(report)?.[1];
  const replyBytes = /traffic: .*\((\d+)\) data/.exec(report)?.[1];
  if (callsPerSecond === undefined || replyBytes === undefined || Number(succeeded) !== calls) {
    throw new Error(`h2load: ${succeeded ?? 0} of ${calls} calls succeeded\n${report}`);
  }
  return { callsPerSecond: Number(callsPerSecond), replyBytes: Number(replyBytes) };
}

/**
 * Reads the log that h2load writes, a line a call: when it started, its HTTP
 * status, microseconds taken.
 *
 * @returns milliseconds, ascending
 */
export function parseH2loadLog(log: string): Float64Array {
  const lines = log.trimEnd().split("\n");
  return Float64Array.from(
    lines,
    (line) => Number(line.slice(line.lastIndexOf("\t"))) / 1000,
  ).sort();
}
