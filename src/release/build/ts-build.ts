/**
 * The script `gestalt-ts-build`, which hosts run to make a provider's executable;
 * {@link readBuildRequest} describes how.
 */
import { realpath } from "node:fs/promises";
import { readBuildRequest } from "./build-request.js";
import { compileExecutable } from "./compile-executable.js";
import { executableEntry } from "./executable-entry.js";
import { findBun } from "./find-bun.js";

const PROGRAM = "gestalt-ts-build";

async function build(args: readonly string[]): Promise<void> {
  if (process.env["GESTALT_BUILD_STATIC"]) {
    console.error(`${PROGRAM}: GESTALT_BUILD_STATIC is ignored: bun links no static executables`);
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

build(process.argv.slice(2)).catch((error: unknown) => {
  console.error(`${PROGRAM}: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
