import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { tempDirectory } from "../process/temp-directory.js";

/** The sources, which are not compiled with the bench: this file runs from a cache directory. */
const SOURCES = "bench/servers/grpc-go";

/** Whether the Go toolchain is installed. */
export function hasGo(): boolean {
  return spawnSync("go", ["version"]).status === 0;
}

/**
 * Builds the grpc-go server, with modules from the module proxy.
 * @returns the path of its executable
 * @throws Error with what the Go toolchain prints
 */
export function buildGrpcGoServer(): string {
  const output = join(tempDirectory(), "grpc-go-server");
  const { status, stderr } = spawnSync("go", ["build", "-o", output, "."], {
    cwd: SOURCES,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`cannot build the grpc-go server in ${SOURCES}:\n${stderr}`);
  return output;
}
