import { connect, type Socket } from "node:net";
import { clientOf, commandUnderTest, startProvider } from "../../support/provider-process.js";
import type { GrpcClient } from "../../support/grpc-client.js";
import { startServe } from "../../support/serve-process.js";
import { tempSocketPath } from "../../support/temp-directory.js";
import { createPauseMonitor, type PauseMonitor } from "./pauses.js";

/** How a victim is served: by the host's rules, or as a server of its own. */
export type Way = "under the host" | "serve unix" | "serve tcp";

/** All of them: what holds for one has to hold for each. */
export const WAYS: readonly Way[] = ["under the host", "serve unix", "serve tcp"];

/** A cache in a process of its own, ready to be attacked. */
export interface Victim {
  readonly pid: number;
  /** What gRPC clients connect to. */
  readonly target: string;
  connect(): Socket;
  client(): GrpcClient;
  isRunning(): boolean;
  /** What it has said on stderr since it was ready. */
  complaints(): string;
  /** For how long it held its event loop at most; see {@link PauseMonitor}. */
  readonly longestPauseMs: PauseMonitor["longestMs"];
}

/** What differs from an ordinary start. */
export interface VictimOptions {
  /** By default the provider's own. */
  readonly maxBytes?: number;
  readonly maxEntryBytes?: number;
  /** The command to start under the host; by default the one under test. */
  readonly command?: readonly string[];
}

/** Starts a cache and waits until it can be used. */
export async function startVictim(
  way: Way = "under the host",
  options: VictimOptions = {},
): Promise<Victim> {
  return way === "under the host" ? startUnderHost(options) : startServing(way, options);
}

async function startUnderHost(options: VictimOptions): Promise<Victim> {
  const { command = commandUnderTest, maxBytes, maxEntryBytes } = options;
  const pauses = createPauseMonitor();
  const provider = await startProvider({ command, env: pauses.env });
  const fields = Object.entries({ maxBytes, maxEntryBytes }).filter(([, value]) => value);
  const config = {
    fields: Object.fromEntries(fields.map(([name, numberValue]) => [name, { numberValue }])),
  };
  const { code, details } = await provider
    .client("ProviderLifecycle")
    .call("ConfigureProvider", { name: "session", config, protocol_version: 3 });
  if (code !== 0) throw new Error(details);
  return {
    pid: provider.pid,
    target: `unix://${provider.socketPath}`,
    connect: () => connect(provider.socketPath),
    client: () => provider.client("Cache"),
    isRunning: provider.isRunning,
    complaints: provider.stderr,
    longestPauseMs: pauses.longestMs,
  };
}

async function startServing(way: Way, options: VictimOptions): Promise<Victim> {
  const address = way === "serve tcp" ? "tcp://127.0.0.1:0" : `unix://${tempSocketPath()}`;
  const flags = Object.entries({
    "--max-bytes": options.maxBytes,
    "--max-entry-bytes": options.maxEntryBytes,
  }).flatMap(([flag, value]) => (value === undefined ? [] : [flag, String(value)]));
  const pauses = createPauseMonitor();
  const serving = await startServe(
    ["--listen", address, "--log-level", "warn", ...flags],
    pauses.env,
  );
  const port = /^tcp:\/\/127\.0\.0\.1:(\d+)$/.exec(serving.target)?.[1];
  const target = port === undefined ? `unix://${serving.target}` : `127.0.0.1:${port}`;
  return {
    pid: serving.pid,
    target,
    connect: () =>
      port === undefined ? connect(serving.target) : connect(Number(port), "127.0.0.1"),
    client: () => clientOf(target)("Cache"),
    isRunning: serving.isRunning,
    complaints: serving.stderr,
    longestPauseMs: pauses.longestMs,
  };
}
