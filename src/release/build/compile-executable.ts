import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import type { ExecutableEntry } from "./executable-entry.js";
import type { Bun } from "./find-bun.js";
import { machOFile } from "./mach-o-file.js";
import { machOSignatureProblem, signMachO } from "./mach-o-signature.js";

/** What to compile, with what, and where to. */
export interface Compilation {
  readonly bun: Bun;
  /** Directory of the package; absolute. */
  readonly root: string;
  readonly entry: ExecutableEntry;
  /** Bun's name for the platform; unset for the one that the bun in use runs on. */
  readonly target?: string;
  /** Where the executable goes, replacing what is there; its directory is made. */
  readonly outputPath: string;
  /** The version that the executable says it is; by default the package's own. */
  readonly version?: string;
}

/**
 * Start-up decides: bytecode is loaded instead of parsed, and with splitting only
 * that of the modules that are asked for. The executable must not change with the
 * files that lie where the host runs it, so nothing is loaded from there.
 */
const OPTIONS = [
  "--compile",
  "--minify",
  "--bytecode",
  "--format=esm",
  "--splitting",
  "--sourcemap=none",
  "--no-compile-autoload-dotenv",
  "--no-compile-autoload-bunfig",
];

/** Builds the page of `--ui`, a part of the command. The npm package carries it built instead. */
const PAGE_BUILD = "scripts/build-page.mjs";

/** Bun writes the names of the entry and of the output into the executable. */
const FIXED_NAME = "provider";

/**
 * Compiles a program into one executable file that needs nothing installed. The
 * same input gives the same bytes, wherever the package lies and whatever the
 * output is called.
 *
 * Without network where the target is bun's own platform or was built for before:
 * otherwise bun fetches the runtime of that platform from the npm registry.
 *
 * @throws Error with what bun said
 */
export async function compileExecutable(compilation: Compilation): Promise<void> {
  const { bun, root, entry, target, version } = compilation;
  const outputPath = resolve(compilation.outputPath);
  await mkdir(dirname(outputPath), { recursive: true });
  // Beside the output, so that it can be put there in one step.
  const work = await mkdtemp(join(dirname(outputPath), ".gestalt-build-"));
  try {
    const compiled = join(work, FIXED_NAME);
    const entryPath = entry.kind === "module" ? entry.path : join(work, `${FIXED_NAME}-entry.ts`);
    if (entry.kind === "source") await writeFile(entryPath, entry.text);
    else if (existsSync(join(root, PAGE_BUILD))) await run(bun, [PAGE_BUILD], root);
    const defined =
      version === undefined ? [] : ["--define", `RELEASE_VERSION=${JSON.stringify(version)}`];
    const platform = target === undefined ? [] : [`--target=${target}`];
    const args = ["build", ...OPTIONS, ...platform, ...defined, entryPath, "--outfile", compiled];
    await run(bun, args, root);
    await repairSignature(compiled);
    await chmod(compiled, 0o755);
    await rename(compiled, outputPath);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/**
 * Bun 1.4 leaves executables for Intel Macs with the signature of its bare runtime, which no
 * longer fits. apple-codesign finds the wrong digests too, and none in what signMachO writes.
 */
async function repairSignature(path: string): Promise<void> {
  const file = await readFile(path);
  if (machOFile(file) === undefined || machOSignatureProblem(file) === undefined) return;
  await writeFile(path, signMachO(file));
}

async function run(bun: Bun, args: readonly string[], cwd: string): Promise<void> {
  try {
    await promisify(execFile)(bun.path, args, { cwd });
  } catch (error) {
    const { stderr = "", message } = error as { stderr?: string; message: string };
    const reasons = stderr.match(/(?<=^error: ).*/gm) ?? [stderr.trim() || message];
    throw new Error(`bun ${bun.version} could not compile: ${reasons.join("; ")}`, {
      cause: error,
    });
  }
}
