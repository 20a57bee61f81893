import { execFile } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { repositoryRoot } from "../support/provider-process.js";

const run = promisify(execFile);

/** Kept between runs: installing takes a minute in Python, and several in Rust. */
export const INTEROP_CACHE = join(repositoryRoot, "node_modules/.cache/interop");

/** The versions that registries carry and that the lists of expected failures are about. */
const PYTHON_SDK = "gestalt-sdk==0.0.1a29";

/** Installs Gestalt's Python SDK from PyPI. @returns a Python that has it */
export async function installPythonSdk(): Promise<string> {
  const directory = join(INTEROP_CACHE, PYTHON_SDK);
  const python = join(directory, "bin/python");
  const isInstalled = join(directory, "installed");
  if (!existsSync(isInstalled)) {
    mkdirSync(INTEROP_CACHE, { recursive: true });
    await run("python3", ["-m", "venv", directory]);
    await run(python, ["-m", "pip", "install", "--quiet", PYTHON_SDK]);
    mkdirSync(isInstalled);
  }
  return python;
}

/** Compiles the programs in `rust/` on Gestalt's Rust SDK. @returns their directory */
export async function buildRustPrograms(): Promise<string> {
  const target = join(INTEROP_CACHE, "rust");
  const manifest = join(import.meta.dirname, "rust/Cargo.toml");
  const args = ["build", "--quiet", "--bins", "--manifest-path", manifest, "--target-dir", target];
  await run("cargo", args, { maxBuffer: 2 ** 26 });
  return join(target, "debug");
}
