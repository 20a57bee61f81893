import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { arch, availableParallelism, cpus, loadavg, release, totalmem, type } from "node:os";
import { join } from "node:path";
import { formatFigure } from "../figures/format.js";
import { UsageError } from "../options.js";

/** Packages whose version changes the figures. */
const PACKAGES = [
  "@bufbuild/protobuf",
  "@connectrpc/connect-node",
  "@grpc/grpc-js",
  "lru-cache",
] as const;

/** Where and with what a run was made. */
export interface Machine {
  readonly when: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memory: string;
  readonly system: string;
  readonly node: string;
  readonly packages: Readonly<Record<string, string>>;
  /** Other work on the machine when the run began: processes wanting a core, over the last minute. */
  readonly loadAverage: number;
}

/** Describes this machine, now. */
export function describeMachine(): Machine {
  return {
    when: new Date().toISOString().slice(0, 16).replace("T", " ") + " UTC",
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memory: `${formatFigure(totalmem() / 2 ** 30)} GiB`,
    system: `${type()} ${release()} ${arch()}`,
    node: process.version,
    packages: Object.fromEntries(PACKAGES.map((name) => [name, packageVersion(name)])),
    loadAverage: loadavg()[0] ?? Number.NaN,
  };
}

/** Whether other work wanted a core when the run began, so that absolute figures mean little. */
export function isBusy({ cores, loadAverage }: Machine): boolean {
  return loadAverage > cores / 4;
}

/**
 * Refuses to publish figures of a busy machine, before anything is measured.
 *
 * @throws UsageError naming the load average
 */
export function assertIdle(machine: Machine): void {
  if (!isBusy(machine)) return;
  throw new UsageError(
    `--write-docs publishes figures of an idle machine only; the load average of this one is ` +
      `${machine.loadAverage.toFixed(2)}: wait until nothing else has run for a minute, then ` +
      "repeat the run with `node bench/run.mjs`, which does not build",
  );
}

/** One line on the machine, one on the versions, and a warning when it was busy. */
export function machineLines(machine: Machine): string[] {
  const { when, cpu, cores, memory, system, node, packages, loadAverage } = machine;
  const versions = Object.entries(packages).map(([name, version]) => `${name} ${version}`);
  const lines = [
    `${when}; ${cpu}, ${cores} cores, ${memory}; ${system}`,
    `Node ${node}; ${versions.join("; ")}`,
  ];
  if (isBusy(machine)) {
    lines.push(
      `The machine was busy when the run began (load average ${loadAverage.toFixed(2)}): ` +
        "do not trust the absolute figures.",
    );
  }
  return lines;
}

/** Read from the files: not every package lets its package.json be imported. */
function packageVersion(name: string): string {
  const paths = createRequire(import.meta.url).resolve.paths(name) ?? [];
  for (const path of paths) {
    try {
      const text = readFileSync(join(path, name, "package.json"), "utf8");
      return (JSON.parse(text) as { version: string }).version;
    } catch {
      continue;
    }
  }
  return "not found";
}
