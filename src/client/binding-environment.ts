import { CacheError } from "../contract/cache-error.js";

/** Environment variables, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The variable with the socket of a plugin's only binding; the prefix of all named ones. */
export const CACHE_SOCKET_VARIABLE = "GESTALT_CACHE_SOCKET";
/** The variable with the one socket that newer hosts serve all bindings on. */
export const HOST_SERVICE_SOCKET_VARIABLE = "GESTALT_HOST_SERVICE_SOCKET";
/** The variable with the token for that socket. */
export const HOST_SERVICE_TOKEN_VARIABLE = "GESTALT_HOST_SERVICE_TOKEN";
/** The variable that lists, separated by commas, what is served on that socket. */
export const HOST_SERVICES_VARIABLE = "GESTALT_HOST_SERVICES";
/** What the list calls the cache service. */
export const CACHE_HOST_SERVICE = "cache";

/** Where a binding's cache is, and which variable said so. */
export interface BindingLocation {
  /** The target as written, not parsed yet. */
  readonly target: string;
  /** Empty when the server expects none. */
  readonly token: string;
  /** The binding to name in every call; empty on a socket that serves just one. */
  readonly binding: string;
  /** The variable that `target` was read from, for error messages. */
  readonly source: string;
}

/**
 * The variable that holds the socket of a binding: the name trimmed, upper-cased,
 * and every character outside A-Z 0-9 replaced by one `_`. No name, or a blank
 * one, stands for the only binding.
 */
export function cacheSocketVariable(name = ""): string {
  const trimmed = name.trim();
  if (trimmed === "") return CACHE_SOCKET_VARIABLE;
  // One character at a time, as the host does it: "ß" upper-cases to two letters.
  const letters = Array.from(trimmed, (character) => {
    const upper = character.toUpperCase();
    return /^[A-Z0-9]$/.test(upper) ? upper : "_";
  });
  return `${CACHE_SOCKET_VARIABLE}_${letters.join("")}`;
}

/** The variable that holds the token for {@link cacheSocketVariable}'s socket. */
export function cacheTokenVariable(name = ""): string {
  return `${cacheSocketVariable(name)}_TOKEN`;
}

/**
 * Finds the cache of a binding in the environment: first the binding's own
 * variable, then the newer hosts' shared socket. An empty variable counts as unset.
 *
 * @param name - the binding; empty for the only one
 * @throws CacheError `failed_precondition` naming the variables that were looked
 *   for, and those that are there
 */
export function findBinding(name: string, environment: Environment): BindingLocation {
  const variable = cacheSocketVariable(name);
  const target = environment[variable]?.trim();
  if (target) {
    const token = environment[cacheTokenVariable(name)]?.trim() ?? "";
    return { target, token, binding: "", source: variable };
  }
  const shared = environment[HOST_SERVICE_SOCKET_VARIABLE]?.trim();
  if (shared && servesCaches(environment)) {
    // The suffix form is what the rule for named bindings leads one to expect.
    const token =
      environment[HOST_SERVICE_TOKEN_VARIABLE] ??
      environment[`${HOST_SERVICE_SOCKET_VARIABLE}_TOKEN`] ??
      "";
    return {
      target: shared,
      token: token.trim(),
      binding: name.trim(),
      source: HOST_SERVICE_SOCKET_VARIABLE,
    };
  }
  throw new CacheError("failed_precondition", explainMissing(name, variable, environment));
}

/** An unset or empty list restricts nothing. */
function servesCaches(environment: Environment): boolean {
  const services = environment[HOST_SERVICES_VARIABLE]?.trim();
  if (!services) return true;
  return services.split(",").some((service) => service.trim() === CACHE_HOST_SERVICE);
}

function explainMissing(name: string, variable: string, environment: Environment): string {
  const others = Object.keys(environment)
    .filter((key) => key.startsWith(`${CACHE_SOCKET_VARIABLE}_`) && !key.endsWith("_TOKEN"))
    .filter((key) => environment[key]?.trim())
    .sort();
  const problem = `${variable} is not set`;
  if (others.length > 0)
    return `${problem}; name one of the bindings that are: ${others.join(", ")}`;
  if (environment[HOST_SERVICE_SOCKET_VARIABLE]?.trim()) {
    const services = environment[HOST_SERVICES_VARIABLE] ?? "";
    return `${problem}, and ${HOST_SERVICES_VARIABLE}=${services} does not list "${CACHE_HOST_SERVICE}"; bind a cache to the plugin`;
  }
  const binding = name.trim() || "cache";
  return `${problem}; run the program under a host that binds a cache, or with: gestalt-cache-memory exec --bind ${binding} -- COMMAND`;
}
