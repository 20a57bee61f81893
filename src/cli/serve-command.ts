import { resolve } from "node:path";
import { Command } from "commander";
import { formatListenAddress } from "../server/listen/listen-address.js";
import { keepServingOnErrors } from "../host/process-errors.js";
import { stopOnSignals } from "../host/process-stop.js";
import { createStreamLog, type Log } from "../standalone/log.js";
import type { MemoryCacheConfig } from "../memory/config/memory-cache-config.js";
import { createBindingCache } from "../redis/binding-cache.js";
import { startStandaloneServer } from "../standalone/standalone-server.js";
import { isSelfSigned } from "../standalone/tls-credentials.js";
import { VERSION } from "../version.js";
import { cacheConfigFromFlags } from "./cache-flags.js";
import { writeStandardOutput } from "./client/standard-streams.js";
import { createDefaultSocketPath } from "./default-socket.js";
import { PROGRAM_NAME } from "./program-name.js";
import { exportLines } from "./serve/export-lines.js";
import { assertAuthenticated, exposureWarnings } from "./serve/exposure.js";
import { relayTokenFrom } from "./serve/relay-token.js";
import { addServeFlags, type ServeFlags } from "./serve/serve-flags.js";
import { clientTargetFrom, planServe, type ServePlan } from "./serve/serve-plan.js";
import { createServedCache, endpointsFrom, type ServedCache } from "./serve/served-caches.js";
import { certificateWarning, tlsCredentialsFrom } from "./serve/tls-files.js";
import { statisticsText } from "./statistics-text.js";

const EXAMPLES = `
Examples:
  $ ${PROGRAM_NAME} serve
  $ ${PROGRAM_NAME} serve --bind session --bind rate-limit --max-bytes 256MiB
  $ ${PROGRAM_NAME} serve --listen tcp://127.0.0.1:7070 --config cache.yaml
  $ ${PROGRAM_NAME} serve --listen tls://0.0.0.0:7070 --token-file token \\
      --tls-cert server.pem --tls-key server.key

Prints export lines: evaluate them in a shell, and its plugins find the caches. Press Ctrl-C
to stop; it prints a summary. SIGTERM does the same. Every address serves gRPC, gRPC-Web,
Connect and JSON over HTTP/1.1 and HTTP/2, gRPC health and reflection, and GET /metrics
for Prometheus:
  $ curl --unix-socket SOCKET http://localhost/metrics`;

/** Creates the command `serve`, which runs caches without a host until a signal stops it. */
export function createServeCommand(): Command {
  const command = new Command("serve")
    .summary("run a cache until Ctrl-C")
    .description("Run a cache, or one for each binding, without gestaltd, until Ctrl-C.");
  return addServeFlags(command).addHelpText("after", EXAMPLES).action(serve);
}

/** Settles when the server listens. The server keeps the process alive until a signal. */
async function serve(flags: ServeFlags): Promise<void> {
  const config = await cacheConfigFromFlags(flags, Math.max(1, flags.bind?.length ?? 0));
  const plan = planServe(flags, () => createDefaultSocketPath(process.env));
  const addresses = [...plan.shared, ...plan.bindings.flatMap(({ address }) => address ?? [])];
  const token = relayTokenFrom(flags, process.env);
  const tls = tlsCredentialsFrom(
    flags,
    addresses.some(({ kind }) => kind === "tls"),
  );
  const credentials = {
    hasToken: token !== undefined,
    hasClientAuthority: tls?.clientAuthority !== undefined,
  };
  assertAuthenticated(addresses, credentials, flags.insecureNoToken === true);

  const log = createStreamLog(process.stderr, { level: flags.logLevel, format: flags.logFormat });
  const caches = await servedCaches(plan, config, log);
  const starting = startStandaloneServer({
    endpoints: endpointsFrom(plan, caches),
    caches,
    version: VERSION,
    token: token?.text,
    tls,
    log,
  });
  // Before the sockets exist, so that a signal never leaves their files behind.
  stopOnSignals({
    async close() {
      const server = await starting.catch(() => undefined);
      await server?.close();
      for (const cache of caches) {
        logStatistics(cache, flags, log);
        await cache.provider.closeProvider();
      }
    },
    log: (line) => log.write("error", line),
  });
  const server = await starting;
  keepServingOnErrors((line) => log.write("error", line));

  log.write("info", "serving", { version: VERSION, maxBytes: config.maxBytes });
  for (const address of server.addresses.flat()) {
    log.write("info", "listening", { address: formatListenAddress(address) });
  }
  for (const warning of exposureWarnings(addresses, credentials)) log.write("warn", warning);
  if (token?.warning !== undefined) log.write("warn", token.warning);
  const certificateProblem = tls === undefined ? undefined : certificateWarning(tls);
  if (certificateProblem !== undefined) log.write("warn", certificateProblem);
  if (process.stdout.isTTY) {
    log.write("info", "to use it, paste these lines into a shell; press Ctrl-C here to stop");
  }
  const trustedFile = tls !== undefined && isSelfSigned(tls) ? flags.tlsCert : undefined;
  const lines = exportLines({
    ...targetsFrom(
      plan,
      server.addresses.map((bound) => bound.map(clientTargetFrom)),
    ),
    tokenWord: token?.shellWord,
    trustedFile: trustedFile === undefined ? undefined : resolve(trustedFile),
  });
  // Not fatal: a client that knows the address does not need the lines.
  await writeStandardOutput(lines).catch((error: unknown) => {
    log.write("error", error instanceof Error ? error.message : String(error));
  });
}

/** A cache for each binding; none is left open when one of them cannot reach its server. */
async function servedCaches(
  plan: ServePlan,
  config: MemoryCacheConfig,
  log: Log,
): Promise<ServedCache[]> {
  const hasOthers = plan.bindings.length > 1;
  const caches: ServedCache[] = [];
  for (const { name: binding } of plan.bindings) {
    const options = { config, binding, hasOthers, version: VERSION };
    const provider = await createBindingCache(options).catch(async (error: unknown) => {
      for (const other of caches) await other.provider.closeProvider();
      throw error;
    });
    caches.push(createServedCache(binding, provider, log));
  }
  return caches;
}

/** The client targets of a plan, from those of its endpoints, which are in the order of the plan. */
function targetsFrom(
  plan: ServePlan,
  [shared = [], ...own]: readonly (readonly string[])[],
): { own: Map<string, string>; shared: string } {
  const first = shared[0] ?? own.flat()[0] ?? "";
  const targets = plan.bindings.map(({ name }, index) => [name, own[index]?.[0] ?? first] as const);
  return { own: new Map(targets), shared: first };
}

/** Logs the statistics of a cache: two lines of text, or one JSON entry. */
function logStatistics({ binding, provider }: ServedCache, flags: ServeFlags, log: Log): void {
  const statistics = provider.statistics();
  const named = binding === "" ? {} : { binding };
  if (flags.logFormat === "json") {
    const { shared = {}, ...figures } = statistics;
    log.write("info", "served", { ...named, ...figures, ...shared });
    return;
  }
  for (const line of statisticsText(statistics).split("\n")) log.write("info", line, named);
}
