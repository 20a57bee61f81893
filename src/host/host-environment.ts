/**
 * The variables with which the host starts a provider. Each has two names: hosts
 * were renaming "plugin" while this contract was young. The newer name comes first
 * and wins.
 */
const SOCKET_VARIABLES = ["GESTALT_PROVIDER_SOCKET", "GESTALT_PLUGIN_SOCKET"] as const;
const HOST_PID_VARIABLES = ["GESTALT_APP_PARENT_PID", "GESTALT_PLUGIN_PARENT_PID"] as const;
const NAME_VARIABLES = ["GESTALT_APP_NAME", "GESTALT_PLUGIN_NAME"] as const;

/** Process ids are 32-bit; a larger one would be cut down to somebody else's. */
const MAX_PID = 2 ** 31 - 1;

/** The variable to set when one runs a provider without a host. */
export const PROVIDER_SOCKET_VARIABLE = SOCKET_VARIABLES[0];

/** What the host tells a provider that it starts. */
export interface HostEnvironment {
  /** Where to listen. */
  readonly socketPath: string;
  /** The host's process id; unset when nobody said, as in a run by hand. */
  readonly hostPid?: number;
  /** The key of the provider in the host's configuration; unset when it is not told. */
  readonly name?: string;
}

/**
 * Reads what the host told this process; undefined when the process was not
 * started as a provider, that is, without a socket to listen on. An empty
 * variable counts as unset.
 *
 * @throws Error when a process id is not one
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

/** A wrong id must not pass: 0 and negative ones address whole groups of processes. */
function parseHostPid(set: SetVariable | undefined): number | undefined {
  if (set === undefined) return undefined;
  const pid = /^\d{1,10}$/.test(set.value) ? Number(set.value) : 0;
  if (pid < 1 || pid > MAX_PID)
    throw new Error(`${set.variable} must be a process id (got "${set.value}")`);
  return pid;
}
