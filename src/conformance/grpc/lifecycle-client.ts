import type { JsonObject } from "@bufbuild/protobuf";
import {
  ProviderLifecycle,
  type HealthCheckResponse,
  type ProviderIdentity,
} from "../../rpc/gen/gestalt/provider/v1/lifecycle_pb.js";
import type { ProviderConfig } from "../case-context.js";
import type { Transcript } from "../transcript.js";
import type { GrpcChannel } from "./grpc-channel.js";
import { unaryCall } from "./unary-call.js";

/** What ConfigureProvider is given. */
export interface ConfigureRequest {
  readonly name: string;
  /** Left out of the message when empty, as the host does. */
  readonly config: ProviderConfig;
  readonly protocolVersion: number;
}

/** The lifecycle calls as a case sees them; failed ones reject with CallFailed. */
export interface LifecycleUnderTest {
  identity(): Promise<ProviderIdentity>;
  /** The protocol version that the provider answered with. */
  configure(request: ConfigureRequest): Promise<number>;
  health(): Promise<HealthCheckResponse>;
  /** The protocol version that the provider answered with. */
  start(): Promise<number>;
}

/** The lifecycle calls over gRPC, noted in the transcript. */
export function createLifecycleClient(
  channel: GrpcChannel,
  transcript: Transcript,
): LifecycleUnderTest {
  const { method } = ProviderLifecycle;
  return {
    identity: () =>
      transcript.record(
        "GetProviderIdentity()",
        () => unaryCall(channel, method.getProviderIdentity, {}),
        showIdentity,
      ),
    configure: ({ name, config, protocolVersion }) =>
      transcript.record(
        `ConfigureProvider(${JSON.stringify(name)}, ${showConfig(config)}, version ${protocolVersion})`,
        async () => {
          const struct = Object.keys(config).length === 0 ? {} : { config: config as JsonObject };
          const request = { name, protocolVersion, ...struct };
          return (await unaryCall(channel, method.configureProvider, request)).protocolVersion;
        },
        (version) => `protocol version ${version}`,
      ),
    health: () =>
      transcript.record(
        "HealthCheck()",
        () => unaryCall(channel, method.healthCheck, {}),
        ({ ready, message }) => JSON.stringify({ ready, message }),
      ),
    start: () =>
      transcript.record(
        "StartProvider()",
        async () => (await unaryCall(channel, method.startProvider, {})).protocolVersion,
        (version) => `protocol version ${version}`,
      ),
  };
}

/** Only the keys: a configuration may hold passwords, and reports are passed around. */
function showConfig(config: ProviderConfig): string {
  const keys = Object.keys(config);
  return keys.length === 0 ? "no config" : `config with ${keys.join(", ")}`;
}

function showIdentity(identity: ProviderIdentity): string {
  const { kind, name, minProtocolVersion, maxProtocolVersion } = identity;
  return JSON.stringify({ kind, name, minProtocolVersion, maxProtocolVersion });
}
