/**
 * The variables that the host sets for a provider. Each has a newer and an older name, which
 * says "plugin". The newer name comes first and wins.
 */
const SOCKET_VARIABLES = ["GESTALT_PROVIDER_SOCKET", "GESTALT_PLUGIN_SOCKET"] as const;
const HOST_PID_VARIABLES = ["GESTALT_APP_PARENT_PID", "GESTALT_PLUGIN_PARENT_PID"] as const;
const NAME_VARIABLES = ["GESTALT_APP_NAME", "GESTALT_PLUGIN_NAME"] as const;

/** Process ids have 32 bits; a larger one would be truncated to another process's. */
const MAX_PID = 2 ** 31 - 1;

/** The variable to set to run a provider without a host. */
export const PROVIDER_SOCKET_VARIABLE = SOCKET_VARIABLES[0];

/** What the host passes to a provider that it starts. */
export interface HostEnvironment {
  /** Where to listen. */
  readonly socketPath: string;
  /** The host's process id; absent in a run without a host. */
  readonly hostPid?: number;
  /** The key of the provider in the host's configuration; absent if the host does not pass it. */
  readonly name?: string;
}

/**
 * Returns what the host passes in the environment; undefined for a process that the host did not
 * start, which has no variable with a socket. An empty variable counts as unset.
 *
 * @throws Error for an invalid process id
 */
export function hostEnvironmentFrom(
  env: Readonly<Record<string, string | undefined>>,
): HostEnvironment | undefined {
  const socketPath = firstSet(env, SOCKET_VARIABLES)?.value;
  if (socketPath === undefined) return undefined;
  const hostPid = parseHostPid(firstSet(env, HOST_PID_VARIABLES));
  const name = firstSet(env, NAME_VARIABLES)?.value;
  return {
    socketPath,
    ...(hostPid === undefined ? {} : { hostPid }),
    ...(name === undefined ? {} : { name }),
  };
}

interface SetVariable {
  readonly variable: string;
  readonly value: string;
}

function firstSet(
  env: Readonly<Record<string, string | undefined>>,
  variables: readonly string[],
): SetVariable | undefined {
  for (const variable of variables) {
    const value = env[variable];
    if (value) return { variable, value };
  }
  return undefined;
}

/** Only a positive id is valid: 0 and negative numbers address groups of processes. */
function parseHostPid(set: SetVariable | undefined): number | undefined {
  if (set === undefined) return undefined;
  const pid = /^\d{1,10}$/.test(set.value) ? Number(set.value) : 0;
  if (pid < 1 || pid > MAX_PID)
    throw new Error(`${set.variable} must be a process id (got "${set.value}")`);
  return pid;
}
