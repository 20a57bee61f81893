import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { onTestFinished } from "vitest";
import { reducedEnvironment, startProcess, until, type ChildProcess } from "./child-process.js";
import { createGrpcClient, type GrpcClient } from "./grpc-client.js";
import { tempSocketPath } from "./temp-directory.js";

/** The root of the repository. */
export const repositoryRoot = join(import.meta.dirname, "../..");

/**
 * The command that tests of real processes start: the built command under this
 * Node.js, or the executable that GESTALT_CACHE_MEMORY_COMMAND names.
 */
export const commandUnderTest: readonly string[] = process.env["GESTALT_CACHE_MEMORY_COMMAND"]
  ? [process.env["GESTALT_CACHE_MEMORY_COMMAND"]]
  : [process.execPath, join(repositoryRoot, "dist/cli/main.js")];

/** Whether that is the standalone executable, which runs on Bun. */
export const isExecutable = commandUnderTest.length === 1;

/** The command as people run it: the executable, or the launcher that npm installs. */
export const installedCommand: readonly string[] = isExecutable
  ? commandUnderTest
  : [join(repositoryRoot, "dist/cli/main.js")];

/** How to start a provider as the host does. */
export interface ProviderStart {
  /** Default: the command under test, without arguments. */
  readonly command?: readonly string[];
  /** Default: a fresh path. */
  readonly socketPath?: string;
  /** The host's process id; default: this process's. */
  readonly hostPid?: number;
  /** Added to the host's variables; replaces those of the same name. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** A provider that a test started and that accepts connections. */
export interface ProviderProcess extends ChildProcess {
  readonly socketPath: string;
  /** A grpc-js client that is closed when the test ends. */
  client(service: "Cache" | "ProviderLifecycle"): GrpcClient;
}

/** The exact environment in which the host starts a provider. */
export function hostEnvironment(socketPath: string, hostPid = process.pid): Record<string, string> {
  return {
    ...reducedEnvironment(),
    GESTALT_PLUGIN_SOCKET: socketPath,
    GESTALT_PLUGIN_PARENT_PID: String(hostPid),
    GESTALT_PLUGIN_NAME: "session",
  };
}

/** Starts a process as the host does, without waiting for its socket. */
export function startAsHost(start: ProviderStart = {}): ChildProcess & { socketPath: string } {
  const { socketPath = tempSocketPath(), command = commandUnderTest, hostPid, env, cwd } = start;
  const child = startProcess(command, {
    env: { ...hostEnvironment(socketPath, hostPid), ...env },
    ...(cwd === undefined ? {} : { cwd }),
  });
  return Object.assign(child, { socketPath });
}

/** Starts a provider and waits for its socket, both as the host does. */
export async function startProvider(start: ProviderStart = {}): Promise<ProviderProcess> {
  const child = startAsHost(start);
  await until(() => existsSync(child.socketPath) || !child.isRunning(), {
    what: () => `no socket; output: ${child.stderr()}`,
  });
  if (!child.isRunning()) throw new Error(`the provider ended: ${child.stderr()}`);
  return Object.assign(child, { client: clientOf(`unix://${child.socketPath}`) });
}

/** Creates grpc-js clients of one target that are closed when the test ends. */
export function clientOf(target: string): ProviderProcess["client"] {
  return (service) => {
    const client = createGrpcClient(target, service);
    onTestFinished(() => {
      client.close();
    });
    return client;
  };
}

/**
 * The command of a third-party provider: a module that imports
 * `defineCacheProvider` and `serveCacheProvider` from the built package.
 */
export function authoredProvider(source: string): readonly string[] {
  const built = (path: string): string =>
    JSON.stringify(pathToFileURL(join(repositoryRoot, "dist", path)).href);
  const imports = [
    `import { defineCacheProvider } from ${built("contract/cache-provider.js")};`,
    `import { serveCacheProvider } from ${built("host/serve-cache-provider.js")};`,
  ];
  return [process.execPath, "--input-type=module", "--eval", [...imports, source].join("\n")];
}
