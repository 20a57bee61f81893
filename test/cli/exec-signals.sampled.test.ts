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
import { sampleOf } from "../support/sample.js";
import { tempDirectory } from "../support/temp-directory.js";

// Real processes, which take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

interface RunningExec extends ChildProcess {
  /** The process ids that the command has printed: its own and its children's. */
  readonly commandPids: readonly number[];
  /** The files in the temporary directory. */
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

/** Prints each signal that it gets, and ends a little later. */
const sayAndEnd = (exitCode: number): string => `
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR2"]) {
    process.on(signal, () => {
      console.log(signal);
      setTimeout(() => process.exit(${exitCode}), 50);
    });
  }
  ${waitForEver}`;

describe("signals to exec", () => {
  test.each(
    sampleOf(2, [
      ["SIGTERM", 143],
      ["SIGINT", 130],
      ["SIGHUP", 129],
    ] as const),
  )("%s ends the command, and exec removes its files", async (signal, code) => {
    const running = await startExec(waitForEver);
    running.signal(signal);
    expect(await running.ended).toEqual({ code, signal: null });
    expect(running.commandPids.filter(isAlive)).toEqual([]);
    expect(running.left()).toEqual([]);
    expect(running.stderr()).toBe("");
  });

  test.each(sampleOf(2, ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR2"] as const))(
    "%s reaches the command once, and exec exits with the command's exit code",
    async (signal) => {
      const running = await startExec(sayAndEnd(5));
      running.signal(signal);
      expect(await running.ended).toEqual({ code: 5, signal: null });
      expect(running.stdout()).toBe(`${running.commandPids.join()}\n${signal}\n`);
      expect(running.left()).toEqual([]);
    },
  );

  test("SIGKILL ends the command and its children, and removes the sockets", async () => {
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

  test("SIGKILL ends a command that ignores SIGTERM", async () => {
    const running = await startExec(`process.on("SIGTERM", () => {}); ${waitForEver}`);
    running.signal("SIGKILL");
    await allGone(running);
  });

  test.each(sampleOf(1, ["SIGKILL", "SIGTERM"] as const))(
    "%s ends the guard too",
    async (signal) => {
      const running = await startExec(waitForEver);
      const [directory = ""] = running.left();
      await until(() => isGuarded(directory), { what: "there is no guard" });
      running.signal(signal);
      await running.ended;
      await until(() => !isGuarded(directory), { what: "the guard is still there" });
    },
  );
});

test.each([
  ["7 (node) S 5 7 5 34816 7 4194304", true],
  ["7 (a) b) S 5 7 5 34816 9 4194304", false],
  ["7 (node) S 5 7 5 0 -1 4194304", false],
])("isForeground(%j) is %s", (stat, expected) => {
  expect(isForeground(stat)).toBe(expected);
});

/** Waits for processes that the guard ends one after another. */
function allGone({ commandPids }: RunningExec): Promise<void> {
  const left = (): number[] => commandPids.filter(isAlive);
  return until(() => left().length === 0, { what: () => `still there: ${left().join()}` });
}

/** Whether a process was started with this directory among its arguments. */
function isGuarded(directory: string): boolean {
  return execFileSync("ps", ["-A", "-o", "args="], { encoding: "utf8" }).includes(directory);
}
