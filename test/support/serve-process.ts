import { reducedEnvironment, startProcess, until, type ChildProcess } from "./child-process.js";
import { commandUnderTest } from "./provider-process.js";
import { tempDirectory } from "./temp-directory.js";

/** A `serve` that a test started and that accepts connections. */
export interface ServeProcess extends ChildProcess {
  /** The variables of its export lines, as printed. */
  readonly exported: Readonly<Record<string, string>>;
  /** The value of GESTALT_CACHE_SOCKET. */
  readonly target: string;
}

/**
 * Starts `serve` and waits for its export lines.
 *
 * @param wrapper - a command that runs the command in its last arguments
 */
export async function startServe(
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
  wrapper: readonly string[] = [],
): Promise<ServeProcess> {
  const child = startProcess([...wrapper, ...commandUnderTest, "serve", ...args], {
    env: { ...reducedEnvironment(), XDG_RUNTIME_DIR: tempDirectory(), ...env },
  });
  await until(() => child.stdout().endsWith("\n") || !child.isRunning(), {
    what: () => `it does not say where it listens: ${child.stderr()}`,
  });
  const exported = Object.fromEntries(
    Array.from(child.stdout().matchAll(/^export (\w+)=(.*)$/gm), ([, name = "", value = ""]) => [
      name,
      value,
    ]),
  );
  if (Object.keys(exported).length === 0) throw new Error(child.stderr());
  return Object.assign(child, { exported, target: exported["GESTALT_CACHE_SOCKET"] ?? "" });
}
