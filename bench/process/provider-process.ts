import { once } from "node:events";
import { join } from "node:path";
import { ProviderLifecycle } from "../../src/rpc/gen/gestalt/provider/v1/lifecycle_pb.js";
import { connectGrpc, type GrpcConnection } from "../load/grpc-connection.js";
import { methodPath } from "../../src/conformance/grpc/grpc-request.js";
import { encodeRequest } from "../load/unary-call.js";
import { startProgram, stopChild } from "./child.js";
import { connectWhenAccepting } from "./connect-when-accepting.js";
import { tempDirectory } from "./temp-directory.js";

/** The published program of the provider. */
export const PROVIDER_PROGRAM = join(import.meta.dirname, "../../src/cli/main.js");

/** The protocol version of the simulated host. */
const PROTOCOL_VERSION = 3;

/** A provider process, which the bench starts and calls as the host does. */
export interface ProviderProcess {
  readonly pid: number;
  readonly socketPath: string;
  readonly connection: GrpcConnection;
  stop(): Promise<void>;
}

/** Starts a provider in the environment of a host, and waits until it accepts. */
export async function startProviderProcess(
  command: string,
  args: readonly string[],
  core: number | undefined,
): Promise<ProviderProcess> {
  const socketPath = join(tempDirectory(), "x.sock");
  const env = {
    PATH: process.env["PATH"],
    TMPDIR: process.env["TMPDIR"],
    GESTALT_PROVIDER_SOCKET: socketPath,
    GESTALT_APP_PARENT_PID: String(process.pid),
    GESTALT_APP_NAME: "bench",
  };
  const child = startProgram(command, args, { core, env });
  const ended = once(child, "exit").then(() => {
    throw new Error(`${command} ${args.join(" ")} ended before it accepted`);
  });
  const socket = await Promise.race([connectWhenAccepting(socketPath), ended]);
  ended.catch(() => {});
  const connection = connectGrpc(socket);
  return {
    pid: child.pid ?? 0,
    socketPath,
    connection,
    stop() {
      connection.close();
      return stopChild(child);
    },
  };
}

/** The host's first call: GetProviderIdentity. */
export async function askIdentity(connection: GrpcConnection): Promise<void> {
  const method = ProviderLifecycle.method.getProviderIdentity;
  await connection.call(methodPath(method), encodeRequest(method, {}));
}

/** The host's second call: ConfigureProvider. Then the cache serves. */
export async function configure(
  connection: GrpcConnection,
  config: Record<string, number | string> = {},
): Promise<void> {
  const method = ProviderLifecycle.method.configureProvider;
  const request = { name: "bench", config, protocolVersion: PROTOCOL_VERSION };
  await connection.call(methodPath(method), encodeRequest(method, request));
}
