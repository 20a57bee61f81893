import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseProviderTarget, type ProviderTarget } from "./provider-target.js";

/**
 * What the package.json of a package declares under `gestalt.provider`.
 *
 * @throws Error when it declares no provider, or one of another kind
 */
export function declaredTarget(root: string): ProviderTarget {
  const { gestalt } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    gestalt?: { provider?: { kind?: unknown; target?: unknown } };
  };
  const { kind, target } = gestalt?.provider ?? {};
  if (typeof kind !== "string" || typeof target !== "string") {
    throw new Error(`package.json in ${root} has no gestalt.provider with a kind and a target`);
  }
  return parseProviderTarget(`${kind}:${target}`);
}
