import { CacheError } from "../contract/cache-error.js";
import {
  CACHE_HOST_SERVICE,
  CACHE_SOCKET_VARIABLE,
  cacheSocketVariable,
  cacheTokenVariable,
  HOST_SERVICE_SOCKET_VARIABLE,
  HOST_SERVICES_VARIABLE,
  type Environment,
} from "./binding-environment.js";
import { parseBindingName } from "./metadata-text.js";

/** Where the caches of a plugin listen. */
export interface BindingSockets {
  /** The socket of each binding, by its name. */
  readonly own: ReadonlyMap<string, string>;
  /** The one that serves all bindings. */
  readonly shared: string;
}

/**
 * The variables by which a plugin finds its caches, as hosts set them: one for
 * each binding, the short one as well when there is just one, and those of the
 * shared socket that newer hosts have.
 */
export function bindingVariables({ own, shared }: BindingSockets): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const [name, socket] of own) variables[cacheSocketVariable(name)] = socket;
  const [only] = own.size === 1 ? own.values() : [];
  if (only !== undefined) variables[CACHE_SOCKET_VARIABLE] = only;
  variables[HOST_SERVICE_SOCKET_VARIABLE] = shared;
  variables[HOST_SERVICES_VARIABLE] = CACHE_HOST_SERVICE;
  return variables;
}

/** An environment without any trace of other caches, which a plugin could find by mistake. */
export function withoutBindingVariables(environment: Environment): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [variable, value] of Object.entries(environment)) {
    if (value !== undefined && !isBindingVariable(variable)) kept[variable] = value;
  }
  return kept;
}

/** True for the variables by which a plugin finds caches, tokens included. */
export function isBindingVariable(variable: string): boolean {
  return (
    variable === CACHE_SOCKET_VARIABLE ||
    variable.startsWith(`${CACHE_SOCKET_VARIABLE}_`) ||
    variable === HOST_SERVICES_VARIABLE ||
    variable.startsWith("GESTALT_HOST_SERVICE_")
  );
}

/**
 * Checks the names of a plugin's bindings, and trims them.
 *
 * @throws CacheError `invalid_argument` for a blank name, for one that no header can hold, as
 *   newer plugins send it, for two names that stand for the same variable, and for one whose
 *   variable would be read as the token of another
 */
export function parseBindingNames(names: readonly string[]): string[] {
  const byVariable = new Map<string, string>();
  for (const given of names) {
    const name = parseBindingName(given);
    if (name === "") throw new CacheError("invalid_argument", "a binding's name must not be empty");
    const variable = cacheSocketVariable(name);
    const other = byVariable.get(variable);
    if (other !== undefined) {
      throw new CacheError(
        "invalid_argument",
        `bindings ${JSON.stringify(other)} and ${JSON.stringify(name)} would both be ${variable}`,
      );
    }
    byVariable.set(variable, name);
  }
  const parsed = [...byVariable.values()];
  // A single binding has the short variable as well.
  for (const name of parsed.length === 1 ? ["", ...parsed] : parsed) {
    const token = cacheTokenVariable(name);
    const other = byVariable.get(token);
    if (other === undefined) continue;
    throw new CacheError(
      "invalid_argument",
      `the variable of binding ${JSON.stringify(other)} would be ${token}, which is the token ` +
        `of ${cacheSocketVariable(name)}; choose another name`,
    );
  }
  return parsed;
}
