/**
 * The command `gestalt-cache-memory`, which launcher.js starts. Started by the host it is the provider, and
 * loads nothing else: the host waits for it. Otherwise it is a command line.
 *
 * The only module that knows the arguments and the exit code of the process.
 */
import { hostEnvironmentFrom } from "../host/host-environment.js";
import { limitHeapGarbage } from "../server/limits/heap-garbage.js";
import { keepSignalsIgnored } from "../host/ignored-signals.js";
import { restoreDroppedVariables } from "./dropped-variables.js";
import { PROGRAM_NAME } from "./program-name.js";

limitHeapGarbage();
keepSignalsIgnored();
restoreDroppedVariables();

async function main(args: readonly string[]): Promise<number> {
  if (args.length > 0 || hostEnvironmentFrom(process.env) === undefined) {
    const [{ runCommandLine }, { noteInheritedDescriptors }] = await Promise.all([
      import("./command-line.js"),
      import("./exec/inherited-descriptors.js"),
    ]);
    noteInheritedDescriptors();
    // Whatever depends on a write waits for it; no other failure ends the process.
    for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
    return runCommandLine(args);
  }
  const { serveMemoryProvider } = await import("./provider-process.js");
  await serveMemoryProvider();
  return 0;
}

main(process.argv.slice(2)).then(
  (exitCode) => {
    process.exitCode = exitCode;
  },
  (error: unknown) => {
    console.error(`${PROGRAM_NAME}: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  },
);
