/** The variables of the host's own environment that reach a provider. */
const PASSED_ON = [
  "PATH",
  "HOME",
  "TMPDIR",
  "LANG",
  "TZ",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
] as const;

/** The names that hosts of the older and the newer generation use. */
const GENERATIONS = {
  older: {
    socket: "GESTALT_PLUGIN_SOCKET",
    parentPid: "GESTALT_PLUGIN_PARENT_PID",
    name: "GESTALT_PLUGIN_NAME",
  },
  newer: {
    socket: "GESTALT_PROVIDER_SOCKET",
    parentPid: "GESTALT_APP_PARENT_PID",
    name: "GESTALT_APP_NAME",
  },
} as const;

/** A generation of hosts, by the names of the variables that they set. */
export type HostGeneration = keyof typeof GENERATIONS;

/** The names of the variables that carry the host's pid, of every generation. */
export const PARENT_PID_VARIABLES: readonly string[] = Object.values(GENERATIONS).map(
  ({ parentPid }) => parentPid,
);

/** What a host tells the provider that it starts. */
export interface HostMessage {
  /** Where each generation of names says to listen; absent: that name is not set. */
  readonly sockets: Partial<Readonly<Record<HostGeneration, string>>>;
  readonly parentPid: number;
  /** The configured name; a host may leave it out. */
  readonly name?: string | undefined;
  /** The entry's own `env`. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * The environment that a host starts a provider with: little of its own, the
 * entry's own variables, and what the provider needs to know.
 */
export function hostEnvironment(message: HostMessage): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const name of PASSED_ON) {
    const value = process.env[name];
    if (value !== undefined) environment[name] = value;
  }
  Object.assign(environment, message.env);
  for (const [generation, names] of Object.entries(GENERATIONS)) {
    const socket = message.sockets[generation as HostGeneration];
    if (socket === undefined) continue;
    environment[names.socket] = socket;
    environment[names.parentPid] = String(message.parentPid);
    if (message.name !== undefined) environment[names.name] = message.name;
  }
  return environment;
}
