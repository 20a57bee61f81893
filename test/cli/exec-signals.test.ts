import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { describe, expect, test, vi } from "vitest";
import { isForeground } from "../../src/cli/exec/terminal-signals.js";
import {
  isAlive,
  reducedEnvironment,
  startProcess,
  until,
  type ChildProcess,
} from "../support/child-process.js";
import { commandUnderTest } from "../support/provider-process.js";
import { tempDirectory } from "../support/temp-directory.js";

// Real processes, which take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

interface RunningExec extends ChildProcess {
  /** Process ids that the command has printed: its own, its children's. */
  readonly commandPids: readonly number[];
  /** What lies in the directory for temporary files. */
  readonly left: () => readonly string[];
}

/** Starts `exec` with a command that prints process ids in its first line. */
async function startExec(source: string): Promise<RunningExec> {
  const TMPDIR = tempDirectory();
  const command = [process.execPath, "--eval", source];
  const child = startProcess([...commandUnderTest, "exec", "--", ...command], {
    env: { ...reducedEnvironment(), TMPDIR },
  });
  await until(() => child.stdout().includes("\n"), { what: () => child.stderr() });
  const [pids = ""] = child.stdout().split("\n");
  const left = (): string[] => readdirSync(TMPDIR);
  expect(left()).toHaveLength(1);
  return Object.assign(child, { commandPids: pids.split(" ").map(Number), left });
}

const waitForEver = "console.log(process.pid); setInterval(() => {}, 1000);";

/** Says each signal that it gets, and ends a little later. */
const sayAndEnd = (exitCode: number): string => `
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR2"]) {
    process.on(signal, () => {
      console.log(signal);
      setTimeout(() => process.exit(${exitCode}), 50);
    });
  }
  ${waitForEver}`;

describe("signals to exec", () => {
  test.each([
    ["SIGTERM", 143],
    ["SIGINT", 130],
    ["SIGHUP", 129],
  ] as const)("%s ends the command, and everything is gone", async (signal, code) => {
    const running = await startExec(waitForEver);
    running.signal(signal);
    expect(await running.ended).toEqual({ code, signal: null });
    expect(running.commandPids.filter(isAlive)).toEqual([]);
    expect(running.left()).toEqual([]);
    expect(running.stderr()).toBe("");
  });

  test.each(["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR2"] as const)(
    "%s reaches a command that handles it, once; its exit code counts",
    async (signal) => {
      const running = await startExec(sayAndEnd(5));
      running.signal(signal);
      expect(await running.ended).toEqual({ code: 5, signal: null });
      expect(running.stdout()).toBe(`${running.commandPids.join()}\n${signal}\n`);
      expect(running.left()).toEqual([]);
    },
  );

  test("KILL takes the command and its children along, and the sockets", async () => {
    const running = await startExec(`
      const { spawn } = require("node:child_process");
      const child = spawn(process.execPath, ["--eval", "setInterval(() => {}, 1000)"]);
      console.log(process.pid, child.pid);
      setInterval(() => {}, 1000);`);
    expect(running.commandPids.filter(isAlive)).toHaveLength(2);
    running.signal("SIGKILL");
    await allGone(running);
    expect(await running.ended).toEqual({ code: null, signal: "SIGKILL" });
    expect(running.left()).toEqual([]);
  });

  test("KILL ends a command, too, that does not listen to reason", async () => {
    const running = await startExec(`process.on("SIGTERM", () => {}); ${waitForEver}`);
    running.signal("SIGKILL");
    await allGone(running);
  });

  test.each(["SIGTERM", "SIGKILL"] as const)("%s: the guard ends as well", async (signal) => {
    const running = await startExec(waitForEver);
    const [directory = ""] = running.left();
    await until(() => isGuarded(directory), { what: "there is no guard" });
    running.signal(signal);
    await running.ended;
    await until(() => !isGuarded(directory), { what: "the guard is still there" });
  });
});

test.each([
  ["7 (node) S 5 7 5 34816 7 4194304", true],
  ["7 (a) b) S 5 7 5 34816 9 4194304", false],
  ["7 (node) S 5 7 5 0 -1 4194304", false],
])("isForeground(%j) is %s", (stat, expected) => {
  expect(isForeground(stat)).toBe(expected);
});

/** The guard ends what the command started, one process a little later than another. */
function allGone({ commandPids }: RunningExec): Promise<void> {
  const left = (): number[] => commandPids.filter(isAlive);
  return until(() => left().length === 0, { what: () => `still there: ${left().join()}` });
}

/** Whether a process was started with this directory among its arguments. */
function isGuarded(directory: string): boolean {
  return execFileSync("ps", ["-A", "-o", "args="], { encoding: "utf8" }).includes(directory);
}
