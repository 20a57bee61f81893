import { fstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";

const STANDARD_OUTPUT = 1;

/** The first descriptor after standard input, output and error. */
const FIRST = 3;

/** Limits the list of descriptors for a new process, which reaches to the highest one. */
const LAST = 65_535;

/** `O_NONBLOCK` and `O_CLOEXEC` on Linux on x86 and arm. */
const NON_BLOCKING = 0o4000;
const CLOSE_ON_EXEC = 0o2000000;

/** An open descriptor, as Linux describes it. */
export interface OpenDescriptor {
  readonly number: number;
  /** A path, or a kind and number: `pipe:[4711]`, `anon_inode:[eventpoll]`. */
  readonly target: string;
  readonly flags: number;
  /** The earliest time of its file, in nanoseconds. */
  readonly existedNs: bigint;
}

let recordedNumbers: readonly number[] = [];
let isOutputClosed = false;

/**
 * Records the descriptors that this process inherited besides the standard ones. Call it before
 * the process opens a file, since its own descriptors look the same. The launcher script passes a
 * list in a variable, which is removed from the environment.
 */
export function recordInheritedDescriptors(): void {
  const recorded = process.env["GESTALT_CACHE_MEMORY_DESCRIPTORS"]
    ?.split(" ")
    .filter(Boolean)
    .map(Number);
  delete process.env["GESTALT_CACHE_MEMORY_DESCRIPTORS"];
  // The list is empty where there is no /dev/fd.
  isOutputClosed = recorded?.length ? !recorded.includes(STANDARD_OUTPUT) : false;
  const numbers =
    recorded?.filter(isOpen) ?? inheritedAmong(openDescriptors(), !("Bun" in globalThis));
  recordedNumbers = numbers
    .filter((number) => number >= FIRST && number <= LAST)
    .sort((a, b) => a - b);
}

/**
 * The descriptors that {@link recordInheritedDescriptors} found, in ascending order. Without the
 * launcher script, empty except on Linux.
 */
export function inheritedDescriptors(): readonly number[] {
  return recordedNumbers;
}

/**
 * True when this process was started without standard output, in whose place runtimes open
 * /dev/null. Without the launcher script, always false.
 */
export function isStandardOutputClosed(): boolean {
  return isOutputClosed;
}

/**
 * Selects the inherited descriptors. It leaves out those that the runtime opens before any script
 * runs: those of event loops and, on Node, pipes with both ends in the process. All these pipes
 * are non-blocking, except that of libuv's signal handling. Of several blocking pipes, that one is
 * the youngest, since an inherited pipe is older than the process.
 */
export function inheritedAmong(
  descriptors: readonly OpenDescriptor[],
  hasOwnPipes: boolean,
): number[] {
  const own = new Set(hasOwnPipes ? ownPipes(descriptors) : []);
  return descriptors
    .filter(({ target }) => !own.has(target) && !target.startsWith("anon_inode:"))
    .map(({ number }) => number);
}

function ownPipes(descriptors: readonly OpenDescriptor[]): string[] {
  const pairs = new Map<string, OpenDescriptor[]>();
  for (const descriptor of descriptors) {
    const { target, flags } = descriptor;
    if (!target.startsWith("pipe:") || (flags & CLOSE_ON_EXEC) === 0) continue;
    pairs.set(target, [...(pairs.get(target) ?? []), descriptor]);
  }
  const complete = [...pairs.values()].filter((ends) => ends.length === 2);
  const isNonBlocking = ({ flags }: OpenDescriptor): boolean => (flags & NON_BLOCKING) !== 0;
  const [youngest] = complete
    .flatMap((ends) => (ends.some(isNonBlocking) ? [] : ends.slice(0, 1)))
    .sort(
      (a, b) =>
        Number(b.existedNs - a.existedNs) ||
        b.target.localeCompare(a.target, "en", { numeric: true }),
    );
  const pipes = complete.filter((ends) => ends.every(isNonBlocking)).flat();
  return [...pipes, ...(youngest === undefined ? [] : [youngest])].map(({ target }) => target);
}

function openDescriptors(): OpenDescriptor[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc/self/fd").flatMap((name) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${name}`);
      const info = readFileSync(`/proc/self/fdinfo/${name}`, "latin1");
      const { atimeNs, mtimeNs, ctimeNs } = fstatSync(Number(name), { bigint: true });
      const existedNs = [atimeNs, mtimeNs, ctimeNs].reduce((a, b) => (a < b ? a : b));
      const flags = Number.parseInt(/^flags:\s*(\d+)/m.exec(info)?.[1] ?? "", 8);
      return { number: Number(name), target, flags, existedNs };
    } catch {
      // The descriptor of the listed directory is closed by now.
      return [];
    }
  });
}

function isOpen(descriptor: number): boolean {
  try {
    fstatSync(descriptor);
    return true;
  } catch {
    return false;
  }
}
