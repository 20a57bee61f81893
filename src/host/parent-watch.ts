/** The interval between two checks, in milliseconds. */
const WATCH_INTERVAL_MS = 500;

/** What {@link watchParent} reads of processes; tests replace it. */
export interface ProcessTable {
  /** Returns the present parent of this process. */
  parentPid(): number;
  /** Returns false when no process has this id. */
  isAlive(pid: number): boolean;
}

/** Options of {@link watchParent}. */
export interface ParentWatchOptions {
  /** The host, which need not be the parent: under `bun run`, bun is the parent. */
  readonly hostPid?: number | undefined;
  /** Called once, with a sentence for the log, when the parent or the host has ended. */
  readonly onGone: (reason: string) => void;
  readonly processes?: ProcessTable;
}

/**
 * Detects the end of the parent or the host: a provider gets no signal when its host is killed.
 * The parent has ended when the process has another parent than at the start; the host has ended
 * when its process id is unused. The watch does not keep the process alive.
 *
 * @returns stops the watch
 */
export function watchParent(options: ParentWatchOptions): () => void {
  const { hostPid, onGone, processes = systemProcesses } = options;
  const parentAtStart = processes.parentPid();
  const timer = setInterval(() => {
    const parent = processes.parentPid();
    const reason =
      parent !== parentAtStart
        ? `the parent process ${parentAtStart} has ended`
        : hostPid !== undefined && !processes.isAlive(hostPid)
          ? `the host process ${hostPid} has ended`
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
      // EPERM: the process exists, but belongs to another user.
      return (error as NodeJS.ErrnoException).code !== "ESRCH";
    }
  },
};
