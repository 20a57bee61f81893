import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** The cores for servers and for the load; unset: any core. */
export interface CorePlan {
  readonly server?: number;
  readonly load?: number;
  /** For the report: which cores are used, or why none are. */
  readonly description: string;
}

/** The description for programs that create their load in this process. */
export function describeServerCore({ server, description }: CorePlan): string {
  return server === undefined ? description : `server pinned to core ${server}, load to none`;
}

/** Plans one core each for server and load, if the system supports it and has two. */
export function planCores(): CorePlan {
  if (spawnSync("taskset", ["--version"]).status !== 0) {
    return { description: "not pinned to cores: taskset (package util-linux) is not installed" };
  }
  const [server, load] = allowedCores();
  if (server === undefined || load === undefined) {
    return { description: "not pinned to cores: fewer than two are available" };
  }
  return { server, load, description: `server pinned to core ${server}, load to core ${load}` };
}

/** The command that runs `command` on one core, or `command` itself without one. */
export function pinnedCommand(
  core: number | undefined,
  command: string,
  args: readonly string[],
): [command: string, args: string[]] {
  if (core === undefined) return [command, [...args]];
  return ["taskset", ["-c", String(core), command, ...args]];
}

function allowedCores(): number[] {
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(readProcessStatus())?.[1] ?? "";
  return list.split(",").flatMap((range) => {
    const [first = Number.NaN, last = first] = range.split("-").map(Number);
    return Array.from({ length: Math.max(0, last - first + 1) || 0 }, (_, i) => first + i);
  });
}

function readProcessStatus(): string {
  try {
    return readFileSync("/proc/self/status", "utf8");
  } catch {
    return "";
  }
}
