import { chmod, readdir, rename, rm } from "node:fs/promises";
import { METADATA_FILE } from "./release-names.js";

/**
 * Puts a finished directory where a release belongs, and removes an earlier
 * release there. Anything else in that place is somebody's, and stays.
 *
 * @throws Error when the place is taken by something that is no release
 */
export async function replaceRelease(outputPath: string, finished: string): Promise<void> {
  const present = await readdir(outputPath).catch((error: unknown): string[] => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw new Error(`${outputPath} is not a directory`, { cause: error });
  });
  if (present.length > 0 && !present.includes(METADATA_FILE)) {
    throw new Error(`${outputPath} holds files, but no release; choose another --out`);
  }
  await rm(outputPath, { recursive: true, force: true });
  // A fresh directory is private to its maker; a release is for everybody.
  await chmod(finished, 0o755);
  await rename(finished, outputPath);
}
