import { readFileSync } from "node:fs";
import { constants } from "node:os";

/**
 * The signals whose default action ends or stops a process, and that a handler can replace. The
 * signals of faults are not among them, nor those of background reads and writes, which would be
 * retried for ever.
 */
const KEPT_BY_HANDLER = [
  "SIGHUP",
  "SIGINT",
  "SIGQUIT",
  "SIGUSR1",
  "SIGUSR2",
  "SIGALRM",
  "SIGTERM",
  "SIGTSTP",
  "SIGVTALRM",
  "SIGPROF",
  "SIGXCPU",
  "SIGIO",
  "SIGPWR",
  "SIGSTKFLT",
] as const satisfies readonly NodeJS.Signals[];

const IS_BUN = "Bun" in globalThis;

let atStart: ReadonlySet<NodeJS.Signals> | undefined;

/**
 * Returns the signals that were ignored when this process was started, as by `nohup` and
 * `trap ''`. They are known when the launcher script passed them in a variable, and in the
 * standalone executable. Otherwise Node has reset them, and the set is empty.
 */
export function ignoredSignals(): ReadonlySet<NodeJS.Signals> {
  atStart ??= readIgnoredSignals();
  return atStart;
}

/** Adds a listener for a signal, unless the signal was ignored when the process started. */
export function onSignal(signal: NodeJS.Signals, listener: () => void): void {
  if (!ignoredSignals().has(signal)) process.on(signal, listener);
}

/**
 * Ignores the signals that Node has reset. It must be called first: it also removes the
 * launcher's variable from the environment, which child processes inherit.
 */
export function keepSignalsIgnored(): void {
  const ignored = ignoredSignals();
  delete process.env["GESTALT_CACHE_MEMORY_IGNORED_SIGNALS"];
  if (IS_BUN) return;
  for (const signal of KEPT_BY_HANDLER) if (ignored.has(signal)) process.on(signal, () => {});
}

/**
 * Returns the signals in a description of a process or a shell.
 *
 * @param text - the line `SigIgn:` of /proc/PID/status, a mask in hexadecimal digits, or what
 *   the shell command `trap` prints
 */
export function parseIgnoredSignals(text: string): ReadonlySet<NodeJS.Signals> {
  const names = Object.keys(constants.signals) as NodeJS.Signals[];
  const mask = /^(?:SigIgn:)?\s*([0-9a-f]+)\s*$/.exec(text)?.[1];
  if (mask !== undefined) {
    const bits = BigInt(`0x${mask}`);
    return new Set(
      names.filter((name) => (bits >> BigInt(constants.signals[name] - 1)) % 2n === 1n),
    );
  }
  const trapped = new Set(
    Array.from(text.matchAll(/^trap -- '' (?:SIG)?(\w+)$/gm), ([, name]) => `SIG${name}`),
  );
  return new Set(names.filter((name) => trapped.has(name)));
}

function readIgnoredSignals(): ReadonlySet<NodeJS.Signals> {
  const recorded = process.env["GESTALT_CACHE_MEMORY_IGNORED_SIGNALS"];
  if (recorded !== undefined) return parseIgnoredSignals(recorded);
  if (!IS_BUN) return new Set();
  const signals = new Set(parseIgnoredSignals(ownStatus()));
  // Bun ignores these itself.
  signals.delete("SIGPIPE");
  signals.delete("SIGXFSZ");
  return signals;
}

/** Returns how the system describes the signals of this process; empty if it does not. */
function ownStatus(): string {
  try {
    if (process.platform === "linux") {
      return /^SigIgn:.*$/m.exec(readFileSync("/proc/self/status", "latin1"))?.[0] ?? "";
    }
    // Loaded only here, since a host waits for this process to start.
    const { execFileSync } = process.getBuiltinModule("node:child_process");
    const args = ["-o", "sigignore=", "-p", String(process.pid)];
    return execFileSync("ps", args, { encoding: "latin1", stdio: ["ignore", "pipe", "ignore"] });
  } catch {
    return "";
  }
}
