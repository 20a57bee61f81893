import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { watchParent } from "../../src/host/parent-watch.js";

const LAUNCHER = 10;
const HOST = 20;

/** A process table in which the test kills. */
function createProcesses(): { parent: number; alive: Set<number> } & {
  parentPid: () => number;
  isAlive: (pid: number) => boolean;
} {
  const table = {
    parent: LAUNCHER,
    alive: new Set([LAUNCHER, HOST]),
    parentPid: () => table.parent,
    isAlive: (pid: number) => table.alive.has(pid),
  };
  return table;
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("nothing happens while parent and host live", () => {
  const onGone = vi.fn();
  watchParent({ hostPid: HOST, onGone, processes: createProcesses() });
  vi.advanceTimersByTime(60_000);
  expect(onGone).not.toHaveBeenCalled();
});

test("another parent is reported once, within half a second", () => {
  const processes = createProcesses();
  const onGone = vi.fn();
  watchParent({ hostPid: HOST, onGone, processes });
  processes.parent = 1;
  vi.advanceTimersByTime(500);
  expect(onGone.mock.calls).toEqual([["the parent process 10 has ended"]]);
  vi.advanceTimersByTime(60_000);
  expect(onGone).toHaveBeenCalledTimes(1);
});

test("a dead host is reported while the parent lives", () => {
  const processes = createProcesses();
  const onGone = vi.fn();
  watchParent({ hostPid: HOST, onGone, processes });
  processes.alive.delete(HOST);
  vi.advanceTimersByTime(500);
  expect(onGone.mock.calls).toEqual([["the host process 20 has ended"]]);
});

test("without a host's id only the parent is watched", () => {
  const processes = createProcesses();
  const onGone = vi.fn();
  watchParent({ onGone, processes });
  processes.alive.clear();
  vi.advanceTimersByTime(5_000);
  expect(onGone).not.toHaveBeenCalled();
  processes.parent = 1;
  vi.advanceTimersByTime(500);
  expect(onGone).toHaveBeenCalledTimes(1);
});

test("a stopped watch reports nothing", () => {
  const processes = createProcesses();
  const onGone = vi.fn();
  const end = watchParent({ hostPid: HOST, onGone, processes });
  end();
  processes.parent = 1;
  vi.advanceTimersByTime(5_000);
  expect(onGone).not.toHaveBeenCalled();
});
