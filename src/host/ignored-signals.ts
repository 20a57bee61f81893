import { readFileSync } from "node:fs";
import { constants } from "node:os";

/**
 * Signals whose default action ends or stops a process and that a handler can replace
 * without harm: no faults, and not those of reads and writes from the background,
 * which would be tried again for ever.
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
  "SIGIO",
] as const satisfies readonly NodeJS.Signals[];

const IS_BUN = "Bun" in globalThis;

let atStart: ReadonlySet<NodeJS.Signals> | undefined;

/**
 * The signals that this process ignored when it was started, as `nohup` and `trap ''`
 * arrange it. Known where the launcher script started the process and passed them on in a
 * variable, and in the standalone executable; otherwise Node has reset them, and the set
 * is empty.
 */
export function ignoredSignals(): ReadonlySet<NodeJS.Signals> {
  atStart ??= readIgnoredSignals();
  return atStart;
}

/** Handles a signal, unless this process was started with it ignored. */
export function onSignal(signal: NodeJS.Signals, listener: () => void): void {
  if (!ignoredSignals().has(signal)) process.on(signal, listener);
}

/**
 * Ignores again what Node reset when it started. To be called first: it also takes the
 * launcher's variable out of the environment, which others inherit.
 */
export function keepSignalsIgnored(): void {
  const ignored = ignoredSignals();
  delete process.env["GESTALT_CACHE_MEMORY_IGNORED_SIGNALS"];
  if (IS_BUN) return;
  for (const signal of KEPT_BY_HANDLER) if (ignored.has(signal)) process.on(signal, () => {});
}

/**
 * The signals in a description of a process or a shell.
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

/** What the system says about this process; empty when it does not. */
function ownStatus(): string {
  try {
    if (process.platform === "linux") {
      return /^SigIgn:.*$/m.exec(readFileSync("/proc/self/status", "latin1"))?.[0] ?? "";
    }
    // Loaded where it is needed: a host waits for this process.
    const { execFileSync } = process.getBuiltinModule("node:child_process");
    const args = ["-o", "sigignore=", "-p", String(process.pid)];
    return execFileSync("ps", args, { encoding: "latin1", stdio: ["ignore", "pipe", "ignore"] });
  } catch {
    return "";
  }
}
