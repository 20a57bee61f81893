import { posix } from "node:path";

/**
 * Says what is wrong with a path inside a package, by the host's rule: relative,
 * inside the package, forward slashes, and normalized, so without `./` in front.
 *
 * @returns the rule that is broken; undefined for a good path
 */
export function packagePathProblem(path: string): string | undefined {
  if (path === "") return "must not be empty";
  if (path.includes("\\")) return "must use forward slashes";
  if (path.startsWith("/")) return "must be relative";
  const normalized = posix.normalize(path);
  if (normalized === "." || normalized === ".." || normalized.startsWith("../")) {
    return "must stay within the package";
  }
  if (normalized !== path || path.endsWith("/")) return "must be normalized";
  return undefined;
}
