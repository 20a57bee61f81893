import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { pinnedCommand } from "../process/cpu-pinning.js";

/** What redis-benchmark measured of one command. */
export interface RedisFigures {
  readonly command: string;
  readonly callsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** How redis-benchmark calls a server. */
export interface RedisLoad {
  readonly socketPath: string;
  readonly connections: number;
  readonly calls: number;
  readonly valueBytes: number;
}

/** Puts SET and GET of one key on a Redis server, one command in flight on each connection. */
export async function runRedisBenchmark(
  { socketPath, connections, calls, valueBytes }: RedisLoad,
  core: number | undefined,
): Promise<RedisFigures[]> {
  const args = [
    ["-s", socketPath],
    ["-c", String(connections)],
    ["-n", String(calls)],
    ["-d", String(valueBytes)],
    ["-t", "set,get", "--csv"],
  ].flat();
  const child = spawn(...pinnedCommand(core, "redis-benchmark", args), {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [csv, ended] = await Promise.all([text(child.stdout), once(child, "exit")]);
  const [code] = ended as [number | null];
  if (code !== 0) throw new Error(`redis-benchmark ended with code ${String(code)}`);
  return parseRedisCsv(csv);
}

/**
 * Reads the output of `redis-benchmark --csv`: a line of column names, then a line a command.
 * @throws Error for output of another form
 */
export function parseRedisCsv(csv: string): RedisFigures[] {
  const [names = [], ...lines] = csv
    .trim()
    .split("\n")
    .map((line) => line.split(",").map((cell) => cell.replaceAll('"', "")));
  return lines.map((cells) => {
    const number = (name: string): number => {
      const value = Number(cells[names.indexOf(name)]);
      if (Number.isNaN(value)) throw new Error(`redis-benchmark: no column ${name} in:\n${csv}`);
      return value;
    };
    return {
      command: cells[0] ?? "",
      callsPerSecond: number("rps"),
      p50Ms: number("p50_latency_ms"),
      p99Ms: number("p99_latency_ms"),
    };
  });
}
