import type { CacheProvider } from "../contract/cache-provider.js";

/** `cache:` may be left out, as package.json does; so may `#export`, for the default one. */
const TARGET = /^(?:(?<kind>[a-z0-9]+):)?(?<module>\.{1,2}\/[^#]+)(?:#(?<name>[\w$]+))?$/;

/** What a provider is recognised by, as the host's own runtime does. */
const METHODS = ["get", "set", "delete", "touch", "getMany", "setMany", "deleteMany"] as const;

/**
 * Loads the provider that a target such as `cache:./src/provider.ts#provider`
 * names. Recognised by its shape, since the package of its author may hold another
 * copy of this code.
 *
 * @param root - directory that the target is relative to; ends in a slash
 * @throws Error saying what is wrong with the target or what it exports
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
