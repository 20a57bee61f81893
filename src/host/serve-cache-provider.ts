import { basename, relative } from "node:path";
import type { CacheProvider } from "../contract/cache-provider.js";
import { createProviderServices } from "../rpc/provider-services.js";
import { errorLine } from "../server/error-line.js";
import { hostEnvironmentFrom, PROVIDER_SOCKET_VARIABLE } from "./host-environment.js";
import { watchParent } from "./parent-watch.js";
import { keepServingOnErrors } from "./process-errors.js";
import { stopOnSignals } from "./process-stop.js";
import { startProviderServer } from "../server/provider-server.js";
import { scriptPath } from "./script-path.js";
import type { ServerLimits } from "../server/limits/server-limits.js";

/** How {@link serveCacheProvider} serves. */
export interface ServeCacheProviderOptions {
  /** Where the host's variables are read; by default the process's environment. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Bounds of the server that differ from the defaults. */
  readonly limits?: Partial<ServerLimits>;
}

/**
 * Lives the life of a provider under the host; all that a provider author calls.
 *
 * Serves the provider's cache and lifecycle services, and nothing else, on the
 * socket that the host named. Ends on SIGTERM, SIGINT, SIGHUP, or when the host is
 * gone: calls in flight finish, `closeProvider` runs, the socket file goes, the
 * process exits with 0. From this call on the process belongs to the provider: an
 * uncaught error is written to stderr as one line and does not end it.
 *
 * @returns settled when the socket accepts; the process lives on by itself
 * @throws Error written for the person reading it, when the process was not started
 *   by a host; ListenError when the socket cannot be had
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

  const starting = startProviderServer(
    {
      routes: createProviderServices(provider, {
        report: (error) => log(errorLine(error, "internal error")),
      }),
      report: (error, where) => log(errorLine(error, where)),
      limits: options.limits ?? {},
    },
    { kind: "unix", path: host.socketPath },
  );
  // Before the socket exists, so that no signal can leave its file behind.
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
  keepServingOnErrors(log);
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
