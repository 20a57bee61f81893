/** The name of a provider whose author gave none. */
export const DEFAULT_PROVIDER_NAME = "cache";

/**
 * A provider's name as the host writes names: an npm scope is dropped, and every
 * run of characters outside `A-Za-z0-9._-` becomes one `-`, none at either end.
 * Empty when nothing is left.
 */
export function slugFromName(name: string): string {
  return name
    .trim()
    .replace(/^@[^/]*\//, "")
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^-+|-+$/g, "");
}
