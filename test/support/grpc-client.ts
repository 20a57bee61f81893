import { join } from "node:path";
import * as grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";

/** The outcome of a grpc-js call. With `code` 0 there is always a message. */
export interface GrpcOutcome {
  readonly code: number;
  readonly details: string;
  /** The reply as a plain object; undefined for an error. */
  readonly reply: Record<string, unknown> | undefined;
}

/** A grpc-js client of one service, an independent implementation that loads the .proto files. */
export interface GrpcClient {
  call(
    method: string,
    request: object,
    options?: grpc.CallOptions,
    metadata?: grpc.Metadata,
  ): Promise<GrpcOutcome>;
  /** Starts a call and ignores its reply. @returns a function that cancels the call */
  start(method: string, request: object): () => void;
  close(): void;
}

const protoRoot = join(import.meta.dirname, "../../proto");

const definitions = loadSync(
  ["gestalt/provider/v1/cache.proto", "gestalt/provider/v1/lifecycle.proto"],
  { includeDirs: [protoRoot], keepCase: true, longs: String, enums: Number, defaults: true },
);

/** Creates a client of one of this project's services at `unix:///path` or `host:port`. */
export function createGrpcClient(
  target: string,
  service: "Cache" | "ProviderLifecycle",
  options: grpc.ClientOptions = {},
  credentials = grpc.credentials.createInsecure(),
): GrpcClient {
  const definition = definitions[
    `gestalt.provider.v1.${service}`
  ] as unknown as grpc.ServiceDefinition;
  const client = new grpc.Client(target, credentials, {
    "grpc.max_send_message_length": -1,
    "grpc.use_local_subchannel_pool": 1,
    ...options,
  });
  const start = (
    name: string,
    request: object,
    metadata: grpc.Metadata,
    options: grpc.CallOptions,
    done: (error: grpc.ServiceError | null, reply?: Record<string, unknown>) => void,
  ): grpc.ClientUnaryCall => {
    const method = definition[name];
    if (!method) throw new Error(`${service} has no method ${name}`);
    return client.makeUnaryRequest(
      method.path,
      method.requestSerialize as (value: object) => Buffer,
      method.responseDeserialize as (bytes: Buffer) => Record<string, unknown>,
      request,
      metadata,
      options,
      done,
    );
  };
  return {
    call: (name, request, options = {}, metadata = new grpc.Metadata()) =>
      new Promise((resolve) => {
        start(name, request, metadata, options, (error, reply) => {
          resolve({ code: error?.code ?? 0, details: error?.details ?? "", reply });
        });
      }),
    start: (name, request) => {
      const call = start(name, request, new grpc.Metadata(), {}, () => {});
      return () => call.cancel();
    },
    close: () => client.close(),
  };
}
