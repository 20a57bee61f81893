import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { startProcess, reducedEnvironment, until } from "../../support/child-process.js";
import type { GrpcClient } from "../../support/grpc-client.js";
import { clientOf, commandUnderTest, startProvider } from "../../support/provider-process.js";
import { startServe } from "../../support/serve-process.js";
import { tempDirectory, tempSocketPath } from "../../support/temp-directory.js";
import { createTestCertificate } from "../../support/test-certificate.js";
import { createPauseMonitor, type PauseMonitor } from "./pauses.js";

/** A cache in a process of its own, ready to be attacked. */
export interface Victim {
  readonly pid: number;
  /** What gRPC clients connect to. */
  readonly target: string;
  /** Opens a connection to attack it by. */
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
  readonly store?: string;
}

type StartedVictim = Omit<Victim, "client" | "longestPauseMs">;

/** Starts a cache in one way, with these variables beside those that it needs. */
type Start = (
  options: VictimOptions,
  env: Readonly<Record<string, string>>,
) => Promise<StartedVictim>;

const STARTS = {
  "under the host": startUnderHost,
  "serve unix": startServingUnix,
  "serve tcp": startServingTcp,
  "serve tls": startServingTls,
  exec: startExec,
} satisfies Record<string, Start>;

/** How a cache is served. */
export type Way = keyof typeof STARTS;

/** All of them: what holds for one has to hold for each. */
export const WAYS = Object.keys(STARTS) as readonly Way[];

/** Starts a cache and waits until it can be used. */
export async function startVictim(
  way: Way = "under the host",
  options: VictimOptions = {},
): Promise<Victim> {
  const pauses = createPauseMonitor();
  const victim = await STARTS[way](options, pauses.env);
  return {
    ...victim,
    client: () => clientOf(victim.target)("Cache"),
    longestPauseMs: pauses.longestMs,
  };
}

async function startUnderHost(...[options, env]: Parameters<Start>): Promise<StartedVictim> {
  const provider = await startProvider({ env });
  const { maxBytes, store } = options;
  const config = {
    fields: {
      ...(maxBytes === undefined ? {} : { maxBytes: { numberValue: maxBytes } }),
      ...(store === undefined ? {} : { store: { stringValue: store } }),
    },
  };
  const { code, details } = await provider
    .client("ProviderLifecycle")
    .call("ConfigureProvider", { name: "session", config, protocol_version: 3 });
  if (code !== 0) throw new Error(details);
  return {
    ...atUnixSocket(provider.socketPath),
    pid: provider.pid,
    isRunning: provider.isRunning,
    complaints: provider.stderr,
  };
}

async function startServingUnix(...[options, env]: Parameters<Start>): Promise<StartedVictim> {
  const path = tempSocketPath();
  const serving = await startServe(["--listen", `unix://${path}`, ...flagsOf(options)], env);
  return { ...atUnixSocket(path), ...processOf(serving) };
}

async function startServingTcp(...[options, env]: Parameters<Start>): Promise<StartedVictim> {
  const listen = ["--listen", "tcp://127.0.0.1:0"];
  const serving = await startServe([...listen, ...flagsOf(options)], env);
  const port = await portOf("tcp", serving);
  return {
    ...processOf(serving),
    target: `127.0.0.1:${port}`,
    connect: () => connect(port, "127.0.0.1"),
  };
}

/** Attacked over TLS, while its other clients use a Unix socket of the same server. */
async function startServingTls(...[options, env]: Parameters<Start>): Promise<StartedVictim> {
  const path = tempSocketPath();
  const { certificatePath, keyPath, certificate } = createTestCertificate();
  const listen = ["--listen", `unix://${path}`, "--listen", "tls://127.0.0.1:0"];
  const credentials = ["--tls-cert", certificatePath, "--tls-key", keyPath];
  const serving = await startServe([...listen, ...credentials, ...flagsOf(options)], env);
  const port = await portOf("tls", serving);
  const tls = { host: "127.0.0.1", port, ca: certificate, ALPNProtocols: ["h2"] };
  return { ...atUnixSocket(path), ...processOf(serving), connect: () => connectTls(tls) };
}

async function startExec(...[options, env]: Parameters<Start>): Promise<StartedVictim> {
  const work = ["sh", "-c", "echo $GESTALT_CACHE_SOCKET; exec sleep 600"];
  const running = startProcess([...commandUnderTest, "exec", ...flagsOf(options), "--", ...work], {
    env: { ...reducedEnvironment(), XDG_RUNTIME_DIR: tempDirectory(), ...env },
  });
  await until(() => running.stdout().endsWith("\n") || !running.isRunning(), {
    what: () => `no socket; output: ${running.stderr()}`,
  });
  return {
    ...atUnixSocket(running.stdout().trim()),
    pid: running.pid,
    isRunning: running.isRunning,
    complaints: running.stderr,
  };
}

function atUnixSocket(path: string): Pick<Victim, "target" | "connect"> {
  return { target: `unix://${path}`, connect: () => connect(path) };
}

type Serving = Awaited<ReturnType<typeof startServe>>;

function processOf(serving: Serving): Pick<Victim, "pid" | "isRunning" | "complaints"> {
  const { pid, isRunning } = serving;
  return { pid, isRunning, complaints: () => serving.stderr().replaceAll(EXPECTED_LINE, "") };
}

/** What it says of its start, and of a client that opens a TLS connection and stays mute. */
const EXPECTED_LINE = /^.*(?: INFO | TLS handshake).*\n/gm;

/** The port of an address that it listens on, of which it tells on stderr. */
async function portOf(kind: "tcp" | "tls", serving: Serving): Promise<number> {
  const address = new RegExp(`address=${kind}://127\\.0\\.0\\.1:(\\d+)\\n`);
  await until(() => address.test(serving.stderr()), { what: `a line about a ${kind} address` });
  return Number(address.exec(serving.stderr())?.[1]);
}

function flagsOf({ maxBytes, store }: VictimOptions): string[] {
  const flags = { "--max-bytes": maxBytes, "--store": store };
  return Object.entries(flags).flatMap(([flag, value]) =>
    value === undefined ? [] : [flag, String(value)],
  );
}
