import type { CacheProvider } from "../contract/cache-provider.js";

/** `cache:` is optional, as in package.json. So is `#export`; the default is the default export. */
const TARGET = /^(?:(?<kind>[a-z0-9]+):)?(?<module>\.{1,2}\/[^#]+)(?:#(?<name>[\w$]+))?$/;

/** The methods by which the host's own runtime recognises a provider. */
const METHODS = ["get", "set", "delete", "touch", "getMany", "setMany", "deleteMany"] as const;

/**
 * Loads the provider of a target such as `cache:./src/provider.ts#provider`. It recognises a
 * provider by its shape, since the author's package may contain another copy of this code.
 *
 * @param root - the directory of the target; ends in a slash
 * @throws Error for a wrong target, and for an export that is not a cache provider
 */
export async function loadCacheProvider(root: URL, target: string): Promise<CacheProvider> {
  const { kind = "cache", module, name = "default" } = TARGET.exec(target)?.groups ?? {};
  if (module === undefined) {
    throw new Error(`target "${target}" is not of the form cache:./path/module.ts#export`);
  }
  if (kind !== "cache") throw new Error(`target "${target}" is of kind ${kind}, not cache`);
  const exported = (await import(new URL(module, root).href)) as Record<string, unknown>;
  const provider = exported[name];
  if (!isCacheProvider(provider)) {
    throw new Error(`${module} exports no cache provider as "${name}"`);
  }
  return provider;
}

function isCacheProvider(value: unknown): value is CacheProvider {
  if (typeof value !== "object" || value === null) return false;
  const candidate = value as Record<string, unknown>;
  return (
    candidate["kind"] === "cache" &&
    METHODS.every((method) => typeof candidate[method] === "function")
  );
}
