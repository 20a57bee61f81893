import { Command } from "commander";
import { formatListenAddress } from "../server/listen/listen-address.js";
import { keepServingOnErrors } from "../host/process-errors.js";
import { stopOnSignals } from "../host/process-stop.js";
import { createStreamLog, type Log } from "../standalone/log.js";
import type { ControlledCacheOptions } from "../standalone/control/controlled-cache.js";
import { createControlledCache } from "../standalone/control/create-controlled-cache.js";
import { startStandaloneServer } from "../standalone/standalone-server.js";
import type { PageServer } from "../standalone/ui/page-server.js";
import { isSelfSigned } from "../standalone/tls-credentials.js";
import { VERSION } from "../version.js";
import { absolutePath } from "./absolute-path.js";
import { cacheConfigFromFlags } from "./cache-flags.js";
import { writeStandardOutput } from "./client/standard-streams.js";
import { openCallFile, seedFrom } from "./control/control-flags.js";
import { createDefaultSocketPath } from "./default-socket.js";
import { PROGRAM_NAME } from "./program-name.js";
import { exportLines } from "./serve/export-lines.js";
import { assertAuthenticated, exposureWarnings } from "./serve/exposure.js";
import { relayTokenFrom } from "./serve/relay-token.js";
import { addServeFlags, type ServeFlags } from "./serve/serve-flags.js";
import { clientTargetFrom, planServe, type ServePlan } from "./serve/serve-plan.js";
import { createServedCache, endpointsFrom, type ServedCache } from "./serve/served-caches.js";
import { certificateWarnings, tlsCredentialsFrom } from "./serve/tls-files.js";
import { statisticsText } from "./statistics-text.js";

const EXAMPLES = `
Examples:
  $ ${PROGRAM_NAME} serve
  $ ${PROGRAM_NAME} serve --bind session --bind rate-limit --max-bytes 256MiB
  $ ${PROGRAM_NAME} serve --listen tcp://127.0.0.1:7070 --config cache.yaml
  $ ${PROGRAM_NAME} serve --seed entries.jsonl --record calls.jsonl
  $ ${PROGRAM_NAME} serve --ui
  $ ${PROGRAM_NAME} serve --listen tls://0.0.0.0:7070 --token-file token \\
      --tls-cert server.pem --tls-key server.key

Prints export lines: evaluate them in a shell, and its plugins find the caches. Press Ctrl-C
to stop; it prints a summary. SIGTERM does the same. Every address serves gRPC, gRPC-Web,
Connect and JSON over HTTP/1.1 and HTTP/2, gRPC health and reflection, and GET /metrics
for Prometheus:
  $ curl --unix-socket SOCKET http://localhost/metrics

The commands clock, fault, keys, dump, load, reset and monitor, and the service
gestalt_cache_memory.v1.Control, work on Unix sockets, and on TCP with --control.`;

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
  const { tlsCert } = flags;
  const trustedFile =
    tls !== undefined && tlsCert !== undefined && isSelfSigned(tls)
      ? absolutePath(tlsCert)
      : undefined;
  assertAuthenticated(addresses, credentials, flags.insecureNoToken === true);

  const log = createStreamLog(process.stderr, { level: flags.logLevel, format: flags.logFormat });
  const seed = seedFrom(flags.seed);
  const callFile =
    flags.record === undefined
      ? undefined
      : openCallFile(flags.record, (line) => log.write("error", line));
  const { clock, fault: faults } = flags;
  const keepCalls = callFile !== undefined || flags.ui === true;
  const options = { config, clock, faults, keepCalls };
  const caches = await servedCaches(plan, options, log);
  for (const { binding, cache } of caches) {
    await cache.load(seed);
    if (callFile !== undefined) cache.calls.watch((call) => callFile.add(call, binding));
  }
  const starting = startStandaloneServer({
    endpoints: endpointsFrom(plan, caches),
    caches,
    version: VERSION,
    token: token?.text,
    tls,
    controlOnTcp: flags.control,
    log,
  });
  let startingPage: Promise<PageServer> | undefined;
  const close = async (): Promise<void> => {
    const server = await starting.catch(() => undefined);
    const page = await startingPage?.catch(() => undefined);
    const closed = caches.map(({ cache }) => cache.close());
    await Promise.all([server?.close(), page?.close()]);
    await Promise.all(closed);
    for (const cache of caches) logStatistics(cache, flags, log);
    await callFile?.close();
  };
  // Before the sockets exist, so that a signal never leaves their files behind.
  stopOnSignals({
    close,
    log: (line) => log.write("error", line),
  });
  const server = await starting;
  keepServingOnErrors((line) => log.write("error", line));
  if (flags.ui === true) {
    startingPage = startPage(caches, log);
    await startingPage.catch(async (error: unknown) => {
      await close();
      throw error;
    });
  }

  log.write("info", "serving", { version: VERSION, maxBytes: config.maxBytes });
  for (const address of server.addresses.flat()) {
    log.write("info", "listening", { address: formatListenAddress(address) });
  }
  for (const warning of exposureWarnings(addresses, credentials)) log.write("warn", warning);
  if (token?.warning !== undefined) log.write("warn", token.warning);
  for (const warning of tls === undefined ? [] : certificateWarnings(tls))
    log.write("warn", warning);
  if (process.stdout.isTTY) {
    log.write("info", "to use it, paste these lines into a shell; press Ctrl-C here to stop");
  }
  const lines = exportLines({
    ...targetsFrom(
      plan,
      server.addresses.map((bound) => bound.map(clientTargetFrom)),
    ),
    tokenWord: token?.shellWord,
    trustedFile,
  });
  // Not fatal: a client that knows the address does not need the lines.
  await writeStandardOutput(lines).catch((error: unknown) => {
    log.write("error", error instanceof Error ? error.message : String(error));
  });
}

/** A cache for each binding; none is left open when one of them cannot reach its server. */
async function servedCaches(
  plan: ServePlan,
  options: Omit<ControlledCacheOptions, "shared">,
  log: Log,
): Promise<ServedCache[]> {
  const hasOthers = plan.bindings.length > 1;
  const caches: ServedCache[] = [];
  for (const { name: binding } of plan.bindings) {
    const created = createControlledCache({ ...options, binding, hasOthers });
    const cache = await created.catch(async (error: unknown) => {
      for (const other of caches) await other.cache.close();
      throw error;
    });
    caches.push(createServedCache(binding, cache, log));
  }
  return caches;
}

/** Starts the page of `--ui`, which is loaded for that alone. */
async function startPage(caches: readonly ServedCache[], log: Log): Promise<PageServer> {
  const { startPageServer } = await import("../standalone/ui/page-server.js");
  return startPageServer({
    bindings: new Map(
      caches.map(({ binding, routes, control }) => [binding, [...routes, control]] as const),
    ),
    version: VERSION,
    // The page cannot be opened without the link, so it is logged at every level.
    onLink: (url) =>
      log.write(log.keeps("info") ? "info" : "error", "open the page; the link works once", {
        url,
      }),
  });
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
function logStatistics({ binding, cache }: ServedCache, flags: ServeFlags, log: Log): void {
  const statistics = cache.statistics();
  const named = binding === "" ? {} : { binding };
  if (flags.logFormat === "json") {
    const { shared = {}, ...figures } = statistics;
    log.write("info", "served", { ...named, ...figures, ...shared });
    return;
  }
  for (const line of statisticsText(statistics).split("\n")) log.write("info", line, named);
}
