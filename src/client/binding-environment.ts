import { CacheError } from "../contract/cache-error.js";

/** Environment variables, in the form of `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The variable with the target of a plugin's only binding, and the prefix of all named ones. */
export const CACHE_SOCKET_VARIABLE = "GESTALT_CACHE_SOCKET";
/** The variable with the target that serves all bindings (newer hosts). */
export const HOST_SERVICE_SOCKET_VARIABLE = "GESTALT_HOST_SERVICE_SOCKET";
/** The variable with the token for {@link HOST_SERVICE_SOCKET_VARIABLE}. */
export const HOST_SERVICE_TOKEN_VARIABLE = "GESTALT_HOST_SERVICE_TOKEN";
/** The variable with a comma-separated list of the services of {@link HOST_SERVICE_SOCKET_VARIABLE}. */
export const HOST_SERVICES_VARIABLE = "GESTALT_HOST_SERVICES";
/** The name of the cache service in {@link HOST_SERVICES_VARIABLE}. */
export const CACHE_HOST_SERVICE = "cache";

/** Where the cache of a binding is. */
export interface BindingLocation {
  /** The target, not yet parsed. */
  readonly target: string;
  /** The token to send; empty for none. */
  readonly token: string;
  /** The binding to name in every call; empty for a target that serves one binding. */
  readonly binding: string;
  /** The variable that contains `target`, for error messages. */
  readonly source: string;
}

/**
 * The variable with the target of a binding: `GESTALT_CACHE_SOCKET_<NAME>`. By the host's rule the
 * name is trimmed and upper-cased, and every character outside A-Z 0-9 becomes one `_`. An empty or
 * blank name means the only binding: `GESTALT_CACHE_SOCKET`.
 */
export function cacheSocketVariable(name = ""): string {
  const trimmed = name.trim();
  if (trimmed === "") return CACHE_SOCKET_VARIABLE;
  // One character at a time, like the host: "ß" would become two letters.
  const letters = Array.from(trimmed, (character) => {
    const upper = character.toUpperCase();
    return /^[A-Z0-9]$/.test(upper) ? upper : "_";
  });
  return `${CACHE_SOCKET_VARIABLE}_${letters.join("")}`;
}

/** The variable with the token for the target in {@link cacheSocketVariable}. */
export function cacheTokenVariable(name = ""): string {
  return `${cacheSocketVariable(name)}_TOKEN`;
}

/**
 * Finds the cache of a binding in the environment: first in the variable of the binding, then in
 * that of newer hosts, which serves all bindings. A blank variable counts as unset.
 *
 * @param name - the binding; empty for the only one
 * @throws CacheError `failed_precondition` when no variable is set for the binding; the message
 *   names the variable, and those of other bindings. Also when the variable holds the token of
 *   another binding; the message does not show it
 */
export function findBinding(name: string, environment: Environment): BindingLocation {
  const variable = cacheSocketVariable(name);
  const target = environment[variable]?.trim();
  if (target) {
    assertIsNoToken(variable, target);
    const token = environment[cacheTokenVariable(name)]?.trim() ?? "";
    return { target, token, binding: "", source: variable };
  }
  const shared = environment[HOST_SERVICE_SOCKET_VARIABLE]?.trim();
  if (shared && servesCaches(environment)) {
    // By the rule for named bindings, users may expect the token in ..._SOCKET_TOKEN.
    const token =
      environment[HOST_SERVICE_TOKEN_VARIABLE]?.trim() ||
      environment[`${HOST_SERVICE_SOCKET_VARIABLE}_TOKEN`]?.trim();
    return {
      target: shared,
      token: token ?? "",
      binding: name.trim(),
      source: HOST_SERVICE_SOCKET_VARIABLE,
    };
  }
  throw new CacheError("failed_precondition", explainMissing(name, variable, environment));
}

/** What the addresses of hosts begin with. */
const ADDRESS_START = /^(\/|unix:|tcp:\/\/|tls:\/\/)/i;

/** The variable of a binding called `token` or `a-token` may hold a token, which errors must not show. */
function assertIsNoToken(variable: string, value: string): void {
  if (!variable.endsWith("_TOKEN") || ADDRESS_START.test(value)) return;
  throw new CacheError(
    "failed_precondition",
    `${variable} does not hold an address; it may be the token of ` +
      `${variable.slice(0, -"_TOKEN".length)}; choose another binding`,
  );
}

/** True if the list contains the cache service, or is unset or blank. */
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
    return `${problem}; use the binding of a variable that is set: ${others.join(", ")}`;
  if (environment[HOST_SERVICE_SOCKET_VARIABLE]?.trim()) {
    const services = environment[HOST_SERVICES_VARIABLE] ?? "";
    return `${problem}, and ${HOST_SERVICES_VARIABLE}=${services} does not list "${CACHE_HOST_SERVICE}"; bind a cache to the plugin`;
  }
  const binding = name.trim() || "cache";
  return `${problem}; run the program under a host that binds a cache, or with: gestalt-cache-memory exec --bind ${binding} -- COMMAND`;
}
