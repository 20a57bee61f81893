import { reducedEnvironment, startProcess, until, type ChildProcess } from "./child-process.js";
import { commandUnderTest } from "./provider-process.js";
import { tempDirectory } from "./temp-directory.js";

/** A `serve` that a test started and that accepts connections. */
export interface ServeProcess extends ChildProcess {
  /** What its export lines set, as they are written. */
  readonly exported: Readonly<Record<string, string>>;
  /** What GESTALT_CACHE_SOCKET says. */
  readonly target: string;
}

/** Starts `serve`; settled with what it says a client should set. */
export async function startServe(
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<ServeProcess> {
  const child = startProcess([...commandUnderTest, "serve", ...args], {
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
