import { fstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";

/** After standard input, output and error. */
const FIRST = 3;

/** A process is started with a list that reaches to the highest descriptor. */
const LAST = 65_535;

/** `O_NONBLOCK` and `O_CLOEXEC`, as Linux on x86 and arm shows them. */
const NON_BLOCKING = 0o4000;
const CLOSE_ON_EXEC = 0o2000000;

/** An open descriptor, as Linux describes it. */
export interface OpenDescriptor {
  readonly number: number;
  /** A path, or the kind and number of what has none: `pipe:[4711]`, `anon_inode:[eventpoll]`. */
  readonly target: string;
  readonly flags: number;
  /** A time, in nanoseconds, at which what it refers to already existed. */
  readonly existedNs: bigint;
}

let noted: readonly number[] = [];

/**
 * Notes which descriptors this process inherited, beside the standard ones. Must be called
 * before anything is opened: what the process opens itself looks the same. The launcher
 * script passes a list on in a variable, which is taken out of the environment.
 */
export function noteInheritedDescriptors(): void {
  const recorded = process.env["GESTALT_CACHE_MEMORY_DESCRIPTORS"]
    ?.split(" ")
    .filter(Boolean)
    .map(Number);
  delete process.env["GESTALT_CACHE_MEMORY_DESCRIPTORS"];
  const numbers =
    recorded?.filter(isOpen) ?? inheritedAmong(openDescriptors(), !("Bun" in globalThis));
  noted = numbers.filter((number) => number >= FIRST && number <= LAST).sort((a, b) => a - b);
}

/**
 * What {@link noteInheritedDescriptors} noted, in ascending order. Empty on a system that does
 * not describe descriptors, unless the launcher script started the process.
 */
export function inheritedDescriptors(): readonly number[] {
  return noted;
}

/**
 * Leaves out the descriptors that the runtime opens before any script runs: those of its
 * event loops and, on Node, pipes with both ends in the process. All but one of these
 * pipes do not block. The one that does belongs to libuv's signal handling; of several such
 * pipes it is the youngest, since an inherited one is older than the process.
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
      // The directory that was just listed.
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
