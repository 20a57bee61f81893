import { resolve } from "node:path";
import { Command } from "commander";
import { formatByteSize } from "../memory/byte-size.js";
import { createMemoryCacheProvider } from "../memory/memory-cache-provider.js";
import { Cache } from "../rpc/gen/gestalt/provider/v1/cache_pb.js";
import { createProviderServices } from "../rpc/provider-services.js";
import { createStatisticsRoute } from "../rpc/statistics-service.js";
import { errorLine } from "../server/error-line.js";
import { formatListenAddress, type PlainListenAddress } from "../server/listen-address.js";
import { keepServingOnErrors } from "../server/process-errors.js";
import { stopOnSignals } from "../server/process-stop.js";
import { startProviderServer } from "../server/provider-server.js";
import { VERSION } from "../version.js";
import { addCacheFlags, cacheConfigFromFlags, type CacheFlags } from "./cache-flags.js";
import { cacheSocketFrom, listenAddressFromFlag } from "./listen-flag.js";
import { PROGRAM_NAME } from "./program-name.js";
import { shellWord } from "./shell-word.js";
import { statisticsText } from "./statistics-text.js";

const EXAMPLES = `
Examples:
  $ ${PROGRAM_NAME} serve
  $ ${PROGRAM_NAME} serve --listen unix:///tmp/session.sock --max-bytes 256MiB
  $ ${PROGRAM_NAME} serve --listen tcp://127.0.0.1:7070 --config cache.yaml

Prints the line that tells plugins where the cache is; Ctrl-C ends it and prints
what it served. SIGTERM does the same.`;

interface ServeFlags extends CacheFlags {
  readonly listen?: string;
}

/** `serve`: a cache without a host, until it is told to stop. */
export function createServeCommand(): Command {
  const command = new Command("serve")
    .summary("run a cache until Ctrl-C")
    .description("Run a cache without gestaltd, until Ctrl-C.")
    .option(
      "--listen <address>",
      "unix:///path or tcp://host:port, port 0 for any (default: a private Unix socket)",
    );
  return addCacheFlags(command).addHelpText("after", EXAMPLES).action(serve);
}

/** Settled when the server accepts; the process lives until it is told to stop. */
async function serve(flags: ServeFlags): Promise<void> {
  const config = await cacheConfigFromFlags(flags);
  const wanted = absolute(listenAddressFromFlag(flags.listen));
  const provider = createMemoryCacheProvider({ config, version: VERSION });
  const log = (line: string): void => {
    process.stderr.write(`${PROGRAM_NAME}: ${line}\n`);
  };

  const services = createProviderServices(provider, {
    requireConfigure: false,
    report: (error) => log(errorLine(error, "internal error")),
  });
  const server = await startProviderServer(
    {
      // No lifecycle: configuring this cache is for its command line, not for its clients.
      routes: [
        ...services.filter(({ service }) => service.typeName === Cache.typeName),
        createStatisticsRoute(() => provider.statistics()),
      ],
      report: (error, where) => log(errorLine(error, where)),
    },
    wanted,
  );
  stopOnSignals({
    async close() {
      await server.close();
      process.stderr.write(`\n${statisticsText(provider.statistics())}\n`);
      await provider.closeProvider();
    },
    log,
  });
  keepServingOnErrors(log);

  // The line to use goes to stdout by itself, the rest is for the person watching.
  process.stderr.write(
    `${PROGRAM_NAME} ${VERSION}: at most ${formatByteSize(config.maxBytes)}, ` +
      `listening on ${formatListenAddress(server.address)}\nTo use it (Ctrl-C ends it):\n`,
  );
  process.stdout.write(
    `export GESTALT_CACHE_SOCKET=${shellWord(cacheSocketFrom(server.address))}\n`,
  );
}

/** Clients may run in another directory than the server. */
function absolute(address: PlainListenAddress): PlainListenAddress {
  return address.kind === "unix" ? { kind: "unix", path: resolve(address.path) } : address;
}
