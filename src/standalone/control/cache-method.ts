/** The seven operations, as the provider and the client name them. */
export const CACHE_METHODS = [
  "get",
  "getMany",
  "set",
  "setMany",
  "delete",
  "deleteMany",
  "touch",
] as const;

/** The name of an operation of the cache. */
export type CacheMethod = (typeof CACHE_METHODS)[number];

/**
 * The method that a name means, in any case and with or without hyphens: `GetMany`, `get-many`.
 * Undefined for any other name.
 */
export function findCacheMethod(name: string): CacheMethod | undefined {
  const plain = name.replaceAll("-", "").toLowerCase();
  return CACHE_METHODS.find((method) => method.toLowerCase() === plain);
}

/** The name of a method in the Cache service: `GetMany`. */
export function rpcNameOf(method: CacheMethod): string {
  return method.slice(0, 1).toUpperCase() + method.slice(1);
}
