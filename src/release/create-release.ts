import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createBillOfMaterials } from "./bill-of-materials.js";
import { compileExecutable } from "./build/compile-executable.js";
import { declaredTarget } from "./build/declared-target.js";
import { executableEntry } from "./build/executable-entry.js";
import { findBun } from "./build/find-bun.js";
import { bunTarget, type ExecutableTarget } from "./build/target-platform.js";
import { MANIFEST_FILE, parseSourceManifest } from "./manifest/manifest.js";
import { replaceRelease } from "./replace-release.js";
import { releaseProblems } from "./verify-release.js";
import { writeRelease } from "./write-release.js";

/** What to release. */
export interface ReleaseOptions {
  /** Directory of the package: absolute, without symbolic links. */
  readonly root: string;
  /** Where the release goes; an earlier one there is replaced. */
  readonly outputPath: string;
  readonly targets: readonly ExecutableTarget[];
  /** By default that of the manifest. */
  readonly version?: string;
}

/**
 * Makes a release: an archive for every platform, and the files that describe
 * them. The same package and the same tools give the same bytes. It is put in
 * place when it is complete and passes its own check, and not at all otherwise.
 *
 * @returns the paths of its files
 * @throws Error saying what is wrong with the package, or what could not be built
 */
export async function createRelease(options: ReleaseOptions): Promise<readonly string[]> {
  const { root, outputPath, targets } = options;
  const manifest = parseSourceManifest(await readFile(join(root, MANIFEST_FILE), "utf8"));
  const { version = manifest.version } = options;
  await mkdir(dirname(outputPath), { recursive: true });
  const staging = await mkdtemp(join(dirname(outputPath), ".release-"));
  try {
    const executableFor = await executableCompiler(options, manifest.version, staging);
    const files = await writeRelease(staging, {
      root,
      manifest: { ...manifest, version },
      targets,
      billOfMaterials: await createBillOfMaterials(root, version),
      executableFor,
    });
    const problems = await releaseProblems(staging);
    if (problems.length > 0) throw new Error(`the release is not valid: ${problems.join("; ")}`);
    await replaceRelease(outputPath, staging);
    return files.map((file) => join(outputPath, file));
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** Makes the function that compiles the executable of a target. */
async function executableCompiler(
  { root, version }: ReleaseOptions,
  ownVersion: string,
  directory: string,
): Promise<(target: ExecutableTarget) => Promise<Buffer>> {
  const bun = await findBun(root);
  const entry = executableEntry(root, declaredTarget(root));
  const outputPath = join(directory, "executable");
  // Told only when it differs, so that a release holds the bytes that the build gives.
  const told = version === undefined || version === ownVersion ? {} : { version };
  return async (executableTarget) => {
    const target = bunTarget(executableTarget, executableTarget.libc);
    try {
      await compileExecutable({ bun, root, entry, target, outputPath, ...told });
      return await readFile(outputPath);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new Error(`cannot build ${target}: ${message}`, { cause: error });
    } finally {
      await rm(outputPath, { force: true });
    }
  };
}
