import { isUtf8 } from "node:buffer";
import { readFileSync } from "node:fs";
import { droppedVariables } from "./dropped-variables.js";
import { UsageError } from "./usage-error.js";

/** The character by which runtimes replace bytes that are not UTF-8. */
const REPLACEMENT = "\uFFFD";

/**
 * The arguments that are not UTF-8, by position. Empty except on Linux, the only system that
 * shows their bytes.
 *
 * @param args - the last arguments of this process, as its runtime decoded them
 */
export function rawArguments(args: readonly string[]): ReadonlyMap<number, Buffer> {
  return new Map(
    Array.from(suspectsOf(args)).flatMap(([index, bytes]) =>
      bytes === undefined || isUtf8(bytes) ? [] : [[index, bytes] as const],
    ),
  );
}

/**
 * Fails for arguments that are not UTF-8, since a key would become another key. If the system does
 * not show their bytes, it fails for every argument with U+FFFD.
 *
 * @param args - the arguments of this process before the last `after`
 * @param after - the number of arguments that follow
 * @throws UsageError that names the first such argument and the way out
 */
export function assertUtf8Arguments(args: readonly string[], after = 0): void {
  for (const [index, bytes] of suspectsOf(args, after)) {
    if (bytes !== undefined && isUtf8(bytes)) continue;
    throw new UsageError(
      `argument ${JSON.stringify(args[index])} is not UTF-8; ` +
        "pass other bytes as a value, from standard input (-) or a file (--file)",
    );
  }
}

/** The variables of this process that are not UTF-8, as `NAME=value`. Empty except on Linux. */
export function rawEnvironment(): Buffer[] {
  const entries = nulTerminated("/proc/self/environ") ?? [];
  return entries.filter((entry) => !isUtf8(entry)).flatMap(droppedVariables);
}

/** The arguments with a replacement character, with their bytes if the system shows them. */
function suspectsOf(args: readonly string[], after = 0): ReadonlyMap<number, Buffer | undefined> {
  const suspects = [...args.keys()].filter((index) => args[index]?.includes(REPLACEMENT));
  if (suspects.length === 0) return new Map();
  const all = nulTerminated("/proc/self/cmdline");
  const first = (all?.length ?? 0) - after - args.length;
  return new Map(suspects.map((index) => [index, all?.[first + index]]));
}

function nulTerminated(path: string): Buffer[] | undefined {
  let content: string;
  try {
    content = readFileSync(path, "latin1");
  } catch {
    return undefined;
  }
  const entries = content.split("\0").slice(0, -1);
  return entries.map((entry) => Buffer.from(entry, "latin1"));
}
