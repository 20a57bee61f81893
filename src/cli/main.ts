/**
 * The command `gestalt-cache-memory`; launcher.js starts this module. Under the host it runs the
 * provider and loads nothing else, since the host waits for it. Otherwise it runs a command line.
 *
 * Of the command line, only this module reads the arguments of the process and sets its exit code.
 */
import { hostEnvironmentFrom } from "../host/host-environment.js";
import { restoreDroppedVariables } from "./dropped-variables.js";
import { prepareProcess } from "./prepare-process.js";
import { PROGRAM_NAME } from "./program-name.js";

restoreDroppedVariables();

async function main(args: readonly string[]): Promise<number> {
  if (args.length > 0 || hostEnvironmentFrom(process.env) === undefined) {
    prepareProcess();
    const [{ runCommandLine }, { recordInheritedDescriptors }] = await Promise.all([
      import("./command-line.js"),
      import("./exec/inherited-descriptors.js"),
    ]);
    recordInheritedDescriptors();
    // Code that depends on a write checks it; other failed writes must not end the process.
    for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
    return runCommandLine(args);
  }
  const { serveOwnProvider } = await import("./provider-process.js");
  await serveOwnProvider();
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
