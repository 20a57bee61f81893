import { realpath } from "node:fs/promises";
import { readBuildRequest } from "./build-request.js";
import { compileExecutable } from "./compile-executable.js";
import { executableEntry } from "./executable-entry.js";
import { findBun } from "./find-bun.js";

const PROGRAM = "gestalt-ts-build";

/**
 * Builds a provider's executable, as a host asks for it: the program behind the script
 * `gestalt-ts-build` of a provider's package. Hosts before 23 June 2026 pass six arguments; later
 * hosts pass none, and describe the executable by the package in the current directory and
 * by variables such as `GESTALT_TARGET_OS`.
 *
 * Needs Bun 1.4 or later: the one that the package has installed, or the one that runs this
 * process. A failure is printed in one line, and sets the exit code to 1.
 *
 * @param args - the arguments that the host passed, without those of the runtime
 */
export async function runProviderBuild(args: readonly string[]): Promise<void> {
  try {
    await build(args);
  } catch (error) {
    console.error(`${PROGRAM}: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}

async function build(args: readonly string[]): Promise<void> {
  if (process.env["GESTALT_BUILD_STATIC"]) {
    console.error(`${PROGRAM}: GESTALT_BUILD_STATIC is ignored: Bun links no static executables`);
  }
  const request = readBuildRequest(args, process.env, process.cwd());
  const root = await realpath(request.root);
  await compileExecutable({
    bun: await findBun(root),
    root,
    entry: executableEntry(root, request.target),
    outputPath: request.outputPath,
    ...(request.bunTarget === undefined ? {} : { target: request.bunTarget }),
  });
}
