import { basename, relative } from "node:path";
import type { CacheProvider } from "../contract/cache-provider.js";
import { createProviderImplementations } from "../rpc/provider-implementations.js";
import { methodsOfProvider } from "../rpc/provider-methods.js";
import { errorLine } from "../server/error-line.js";
import { hostEnvironmentFrom, PROVIDER_SOCKET_VARIABLE } from "./host-environment.js";
import { watchParent } from "./parent-watch.js";
import { keepServingOnErrors } from "./process-errors.js";
import { stopOnSignals } from "./process-stop.js";
import { startServer } from "../server/start-server.js";
import { scriptPath } from "./script-path.js";
import type { ServerLimits } from "../server/limits/server-limits.js";

/** Options of {@link serveCacheProvider}. */
export interface ServeCacheProviderOptions {
  /** The variables that the host sets; default: the environment of the process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Limits of the server that differ from `DEFAULT_SERVER_LIMITS` (`./provider`). */
  readonly limits?: Partial<ServerLimits>;
  /**
   * What an uncaught error or an unhandled rejection does once the provider serves:
   *
   * - `log` (the default) writes one line to stderr, and the process keeps serving. Choose it
   *   when every operation leaves the cache whole.
   * - `exit` leaves the error to Node, which prints it and ends the process. Choose it when an
   *   error may leave the provider in an unknown state.
   */
  readonly uncaughtErrors?: "log" | "exit";
}

/**
 * Serves a provider under the host. A provider's module calls nothing else.
 *
 * It serves the provider's cache and lifecycle services on the socket that the host names. On
 * SIGTERM, SIGINT or SIGHUP, and when the host has ended, it stops: calls in flight finish,
 * `closeProvider` runs, the socket file is removed, and the process exits with 0.
 *
 * @returns settles when the socket accepts connections; the process then serves until it stops
 * @throws Error with a message for the reader of a terminal when the host did not start the
 *   process; CacheError `invalid_argument` for wrong limits; ListenError when it cannot listen
 *   on the socket
 */
export async function serveCacheProvider(
  provider: CacheProvider,
  options: ServeCacheProviderOptions = {},
): Promise<void> {
  const host = hostEnvironmentFrom(options.env ?? process.env);
  if (host === undefined) throw new Error(explainProvider());
  provider.resolveName(host.name ?? "", true);
  const name = host.name ?? provider.name;
  const log = (line: string): void => {
    process.stderr.write(`${name}: ${line}\n`);
  };

  const implementations = createProviderImplementations(provider, {
    report: (error) => log(errorLine(error, "internal error")),
  });
  const starting = startServer(
    methodsOfProvider(implementations),
    {
      report: (error, where) => log(errorLine(error, where)),
      limits: options.limits ?? {},
    },
    { kind: "unix", path: host.socketPath },
  );
  // Before the socket exists, so that no signal leaves its file behind.
  const stop = stopOnSignals({
    async close() {
      const server = await starting.catch(() => undefined);
      await server?.close();
      await provider.closeProvider();
    },
    log,
  });
  watchParent({
    hostPid: host.hostPid,
    onGone(reason) {
      log(`stopping: ${reason}`);
      stop();
    },
  });
  await starting;
  if (options.uncaughtErrors !== "exit") keepServingOnErrors(log);
}

function explainProvider(): string {
  const script = scriptPath();
  const command = [basename(process.execPath)];
  if (script !== undefined) command.push(relative(process.cwd(), script));
  return (
    "this is a cache provider; it is started by gestaltd. " +
    `To run it yourself: ${PROVIDER_SOCKET_VARIABLE}=/tmp/cache.sock ${command.join(" ")}`
  );
}
