/** The name of a provider without a name. */
export const DEFAULT_PROVIDER_NAME = "cache";

/**
 * Turns a name into a slug, by the host's rule: an npm scope is dropped, every run of characters
 * outside `A-Za-z0-9._-` becomes one `-`, and `-` is removed at both ends. May be empty.
 */
export function slugFromName(name: string): string {
  return name
    .trim()
    .replace(/^@[^/]*\//, "")
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^-+|-+$/g, "");
}
