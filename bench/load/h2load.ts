import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { pinnedCommand } from "../process/cpu-pinning.js";
import { tempDirectory } from "../process/temp-directory.js";
import { parseH2loadLog, parseH2loadReport } from "./h2load-report.js";
import type { Load, LoadGenerator, LoadResult } from "./load-generator.js";

/** How to install h2load. */
export const H2LOAD_ADVICE =
  "h2load is not installed (Debian, Ubuntu: apt-get install nghttp2-client; Fedora: dnf install " +
  "nghttp2; macOS: brew install nghttp2)";

/**
 * How many connections are opened at once, every 20 ms. Bun lets 512 wait until they are accepted,
 * and refuses more; a cold server takes a quarter of a millisecond for each.
 */
const CONNECTIONS_AT_ONCE = 100;

/** h2load, a load generator in C; undefined when it is not installed. */
export function findH2load(core: number | undefined): LoadGenerator | undefined {
  const { status, stdout } = spawnSync("h2load", ["--version"], { encoding: "utf8" });
  if (status !== 0) return undefined;
  const directory = tempDirectory();
  return { name: stdout.trim(), advice: "", run: (load) => runH2load(load, directory, core) };
}

async function runH2load(
  load: Load,
  directory: string,
  core: number | undefined,
): Promise<LoadResult> {
  const dataFile = join(directory, "request");
  const logFile = join(directory, "log");
  writeFileSync(dataFile, load.frame);
  const args = [
    `--clients=${load.connections}`,
    `--max-concurrent-streams=${load.streams}`,
    `--requests=${load.calls}`,
    ...(load.connections > CONNECTIONS_AT_ONCE
      ? [`--rate=${CONNECTIONS_AT_ONCE}`, "--rate-period=20ms"]
      : []),
    `--data=${dataFile}`,
    "--header=content-type: application/grpc",
    "--header=te: trailers",
    ...(load.timed ? [`--log-file=${logFile}`] : []),
    `--base-uri=unix:${load.socketPath}`,
    `http://localhost${load.path}`,
  ];
  const child = spawn(...pinnedCommand(core, "h2load", args), {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [report] = await Promise.all([text(child.stdout), once(child, "exit")]);
  const latenciesMs = load.timed
    ? parseH2loadLog(readFileSync(logFile, "utf8"))
    : new Float64Array();
  rmSync(logFile, { force: true });
  return { ...parseH2loadReport(report, load.calls), latenciesMs };
}
