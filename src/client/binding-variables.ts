import { CacheError } from "../contract/cache-error.js";
import { describeType } from "../contract/describe-type.js";
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

/** The targets of a plugin's caches. */
export interface BindingSockets {
  /** The target of each binding, by its name. */
  readonly own: ReadonlyMap<string, string>;
  /** The target that serves all bindings. */
  readonly shared: string;
}

/**
 * The variables by which a plugin finds its caches, as hosts set them: one for each binding, the
 * variable without a name if there is one binding only, and those of newer hosts.
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

/** Removes the variables of other caches, which a plugin could find by mistake. */
export function withoutBindingVariables(environment: Environment): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [variable, value] of Object.entries(environment)) {
    if (value !== undefined && !isBindingVariable(variable)) kept[variable] = value;
  }
  return kept;
}

/** True for a variable by which a plugin finds its caches, or their tokens. */
export function isBindingVariable(variable: string): boolean {
  return (
    variable === CACHE_SOCKET_VARIABLE ||
    variable.startsWith(`${CACHE_SOCKET_VARIABLE}_`) ||
    variable === HOST_SERVICES_VARIABLE ||
    variable.startsWith("GESTALT_HOST_SERVICE_")
  );
}

/**
 * Trims and checks the names of a plugin's bindings.
 *
 * @throws CacheError `invalid_argument` for anything but an array, a blank name, a name that cannot
 *   be sent as a header, two names with the same variable, and a name whose variable is the token
 *   variable of another
 */
export function parseBindingNames(names: readonly string[]): string[] {
  if (!Array.isArray(names)) {
    throw new CacheError(
      "invalid_argument",
      `bindings must be an array of names (got ${describeType(names)})`,
    );
  }
  const byVariable = new Map<string, string>();
  for (const given of names as readonly string[]) {
    const name = parseBindingName(given);
    if (name === "") throw new CacheError("invalid_argument", "a binding's name must not be empty");
    const variable = cacheSocketVariable(name);
    const other = byVariable.get(variable);
    if (other !== undefined) {
      throw new CacheError(
        "invalid_argument",
        `bindings ${JSON.stringify(other)} and ${JSON.stringify(name)} have the same variable, ${variable}; ` +
          "choose another name",
      );
    }
    byVariable.set(variable, name);
  }
  const parsed = [...byVariable.values()];
  // A single binding has the variable without a name too.
  for (const name of parsed.length === 1 ? ["", ...parsed] : parsed) {
    const token = cacheTokenVariable(name);
    const other = byVariable.get(token);
    if (other === undefined) continue;
    throw new CacheError(
      "invalid_argument",
      `the variable of binding ${JSON.stringify(other)} is ${token}, which is the token of ` +
        `${cacheSocketVariable(name)}; choose another name`,
    );
  }
  return parsed;
}
