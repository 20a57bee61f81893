import { resolve } from "node:path";

/** The character by which runtimes replace bytes that are not UTF-8. */
const REPLACEMENT = "\uFFFD";

/**
 * Makes a path absolute, since other processes may run in other directories.
 *
 * @throws Error in a working directory whose path is not UTF-8: the result would be another path
 */
export function absolutePath(path: string): string {
  const absolute = resolve(path);
  if (absolute.includes(REPLACEMENT) && !path.includes(REPLACEMENT)) {
    throw new Error(
      `${path} has no absolute path, because that of the working directory is not UTF-8; ` +
        "use an absolute path, or another directory",
    );
  }
  return absolute;
}
