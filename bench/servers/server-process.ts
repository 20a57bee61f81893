import { join } from "node:path";
import type { StoreKind } from "../../src/memory/config/config-schema.js";
import {
  DEFAULT_MEMORY_CACHE_CONFIG,
  DEFAULT_STORE,
} from "../../src/memory/config/memory-cache-config.js";
import { nextMessage, startBenchProgram, startProgram, stopChild } from "../process/child.js";
import { connectWhenAccepting } from "../process/connect-when-accepting.js";
import {
  configure,
  PROVIDER_PROGRAM,
  startProviderProcess,
  type ProviderProcess,
} from "../process/provider-process.js";
import { tempDirectory } from "../process/temp-directory.js";
import type { Contestant } from "./contestant.js";
import { buildGrpcGoServer } from "./grpc-go-server.js";

/** A server that runs in a process of its own and accepts calls. */
export interface ServerProcess {
  readonly name: Contestant;
  readonly socketPath: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** How servers are started. */
export interface ServerOptions {
  /** The core that they share; unset: any. */
  readonly core?: number | undefined;
  /** The standalone executable, for the contestant of that name. */
  readonly executable?: string | undefined;
  /** The bound of each cache; by default the provider's own. */
  readonly maxBytes?: number;
}

/** Starts servers, runs `use`, and stops them whatever comes of it. */
export async function withServers<Result>(
  contestants: readonly Contestant[],
  options: ServerOptions,
  use: (servers: readonly ServerProcess[]) => Promise<Result>,
): Promise<Result> {
  const servers: ServerProcess[] = [];
  try {
    for (const name of contestants) servers.push(await startServer(name, options));
    return await use(servers);
  } finally {
    for (const server of servers) await server.stop();
  }
}

function startServer(name: Contestant, options: ServerOptions): Promise<ServerProcess> {
  switch (name) {
    case "node":
      return startShipped(name, process.execPath, [PROVIDER_PROGRAM], DEFAULT_STORE, options);
    case "blocks":
      return startShipped(name, process.execPath, [PROVIDER_PROGRAM], "blocks", options);
    case "executable":
      return startShipped(name, options.executable ?? "", [], DEFAULT_STORE, options);
    case "grpc-go":
      return startGrpcGo(name, options);
    case "connect":
    case "grpc-js":
    case "floor":
    case "frames":
      return startBenchServer(name, options);
  }
}

/** The published command, started and configured as the host does. */
async function startShipped(
  name: Contestant,
  command: string,
  args: readonly string[],
  store: StoreKind,
  { core, maxBytes = DEFAULT_MEMORY_CACHE_CONFIG.maxBytes }: ServerOptions,
): Promise<ServerProcess> {
  const provider: ProviderProcess = await startProviderProcess(command, args, core);
  await configure(provider.connection, { store, maxBytes });
  return { ...provider, name };
}

async function startGrpcGo(name: Contestant, { core }: ServerOptions): Promise<ServerProcess> {
  const socketPath = join(tempDirectory(), "x.sock");
  const child = startProgram(buildGrpcGoServer(), [socketPath], { core });
  (await connectWhenAccepting(socketPath)).destroy();
  return { name, socketPath, pid: child.pid ?? 0, stop: () => stopChild(child) };
}

/** Another server around this project's store: a program of the bench. */
async function startBenchServer(
  name: Contestant,
  { core, maxBytes = DEFAULT_MEMORY_CACHE_CONFIG.maxBytes }: ServerOptions,
): Promise<ServerProcess> {
  const socketPath = join(tempDirectory(), "x.sock");
  const args = [name, socketPath, String(maxBytes)];
  const child = startBenchProgram("servers/contestant-program", args, { core });
  await nextMessage(child);
  return { name, socketPath, pid: child.pid ?? 0, stop: () => stopChild(child) };
}
