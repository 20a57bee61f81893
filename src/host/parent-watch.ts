/** How often the processes are looked at, in milliseconds. */
const WATCH_INTERVAL_MS = 500;

/** How {@link watchParent} looks at processes; replaced in tests. */
export interface ProcessTable {
  /** This process's parent now. */
  parentPid(): number;
  /** False when there is no process with this id. */
  isAlive(pid: number): boolean;
}

/** What {@link watchParent} watches for. */
export interface ParentWatchOptions {
  /** The host, which need not be the parent: under `bun run` that is bun. */
  readonly hostPid?: number | undefined;
  /** Called once, with a sentence, when the parent or the host is gone. */
  readonly onGone: (reason: string) => void;
  readonly processes?: ProcessTable;
}

/**
 * Watches for the death of whoever started this process: nothing else tells a
 * provider that its host was killed. Gone means that the parent is another than
 * at the start, or that the host's process id has no process. Does not keep the
 * process alive by itself.
 *
 * @returns ends the watch
 */
export function watchParent(options: ParentWatchOptions): () => void {
  const { hostPid, onGone, processes = systemProcesses } = options;
  const parentAtStart = processes.parentPid();
  const timer = setInterval(() => {
    const parent = processes.parentPid();
    const reason =
      parent !== parentAtStart
        ? `the parent process ${parentAtStart} is gone`
        : hostPid !== undefined && !processes.isAlive(hostPid)
          ? `the host process ${hostPid} is gone`
          : undefined;
    if (reason === undefined) return;
    clearInterval(timer);
    onGone(reason);
  }, WATCH_INTERVAL_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
  };
}

const systemProcesses: ProcessTable = {
  parentPid: () => process.ppid,
  isAlive(pid) {
    try {
      process.kill(pid, 0);
      return true;
    } catch (error) {
      // Not ours to signal, but there: EPERM.
      return (error as NodeJS.ErrnoException).code !== "ESRCH";
    }
  },
};
