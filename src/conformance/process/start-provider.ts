import { existsSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { NoAnswer } from "../cache-under-test.js";
import { ConformanceFailure } from "../failure.js";
import { GrpcChannel } from "../grpc/grpc-channel.js";
import { hostEnvironment, PARENT_PID_VARIABLES, type HostMessage } from "./host-environment.js";
import {
  RunningProvider,
  showExit,
  type HostStart,
  type ProviderCommand,
} from "./running-provider.js";

/** How often a host looks for the socket. */
const LOOK_EVERY_MS = 25;

/** The name under which the kit configures providers. */
export const CONFIGURED_NAME = "conformance";

/**
 * Starts its arguments as a child that takes this shell for the host, and stays.
 * Killing the shell is then the host's death.
 */
const PARENT_SCRIPT = `${PARENT_PID_VARIABLES.map((name) => `${name}=$$`).join(" ")} "$@" & wait`;

/** How patient a start is. */
export interface StartLimits {
  /** How long until the socket must answer. */
  readonly startTimeoutMs: number;
  /** How long each call may take. */
  readonly callTimeoutMs: number;
  /** Ends the wait early. */
  readonly signal: AbortSignal;
}

/**
 * Starts a provider as the host does, and waits until it answers as the host
 * does: the socket's file appears, a connection is taken, SETTINGS come.
 *
 * @throws ConformanceFailure when it does not get that far
 */
export async function startProvider(
  command: ProviderCommand,
  start: HostStart,
  limits: StartLimits,
): Promise<RunningProvider> {
  const provider = await spawnProvider(command, start);
  try {
    await waitUntilReady(provider, limits);
    return provider;
  } catch (error) {
    await provider.end();
    throw error;
  }
}

async function spawnProvider(
  { command, args, env = {} }: ProviderCommand,
  start: HostStart,
): Promise<RunningProvider> {
  // mkdtemp makes the directory for this user alone, as the host's is.
  const directory = await mkdtemp(path.resolve(os.tmpdir(), "gestalt-"));
  const socketPath = path.join(directory, "provider.sock");
  const environment = hostEnvironment({
    sockets: socketVariables(socketPath, start.generation),
    parentPid: start.parentPid ?? process.pid,
    name: start.named === false ? undefined : CONFIGURED_NAME,
    env,
  });
  const child = start.underParent
    ? { command: "/bin/sh", args: ["-c", PARENT_SCRIPT, "sh", command, ...args] }
    : { command, args };
  return new RunningProvider({ ...child, environment, directory, socketPath });
}

/** How a start differs from the usual one, in the host's variables and their values. */
export function describeStart({ generation, parentPid, named, underParent }: HostStart): string {
  const sockets = {
    older: "only GESTALT_PLUGIN_SOCKET",
    newer: "only GESTALT_PROVIDER_SOCKET",
    "newer first": "different paths in GESTALT_PLUGIN_SOCKET and GESTALT_PROVIDER_SOCKET",
  };
  const differences = [
    ...(generation === undefined ? [] : [sockets[generation]]),
    ...(parentPid === undefined
      ? []
      : PARENT_PID_VARIABLES.map((variable) => `${variable}=${parentPid}`)),
    ...(named === false ? ["neither GESTALT_PLUGIN_NAME nor GESTALT_APP_NAME"] : []),
    ...(underParent === true ? ["a shell as its parent"] : []),
  ];
  return differences.length === 0 ? "" : ` with ${differences.join(", ")}`;
}

function socketVariables(
  socketPath: string,
  generation: HostStart["generation"],
): HostMessage["sockets"] {
  switch (generation) {
    case "older":
      return { older: socketPath };
    case "newer":
      return { newer: socketPath };
    case "newer first":
      return { newer: socketPath, older: `${socketPath}.older` };
    case undefined:
      return { older: socketPath, newer: socketPath };
  }
}

async function waitUntilReady(
  provider: RunningProvider,
  { startTimeoutMs, callTimeoutMs, signal }: StartLimits,
): Promise<void> {
  const deadline = performance.now() + startTimeoutMs;
  let problem = "no socket";
  const fail = (received: string): never => {
    const expected = `a provider that accepts connections on its socket within ${startTimeoutMs} ms`;
    const output = provider.notStarted === undefined ? `; ${provider.output.tail()}` : "";
    throw new ConformanceFailure(expected, `${received}${output}`);
  };
  for (;;) {
    if (provider.notStarted !== undefined) return fail(provider.notStarted);
    if (provider.exited) return fail(showExit(provider.exited));
    if (performance.now() >= deadline) return fail(problem);
    if (signal.aborted) return fail("the run was interrupted");
    if (existsSync(provider.socketPath)) {
      const channel = new GrpcChannel({
        connect: () => net.connect({ path: provider.socketPath }),
        timeoutMs: callTimeoutMs,
      });
      try {
        await channel.connected();
        provider.channel = channel;
        return;
      } catch (error) {
        if (!(error instanceof NoAnswer)) throw error;
        problem = error.message;
        if (/ECONNREFUSED|ENOTSOCK/.test(problem)) provider.refusals++;
      }
    }
    await sleep(LOOK_EVERY_MS);
  }
}
