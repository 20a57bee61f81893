import { join } from "node:path";
import * as grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { onTestFinished } from "vitest";

const definition = loadSync(
  [
    "grpc/health/v1/health.proto",
    "grpc/reflection/v1/reflection.proto",
    "grpc/reflection/v1alpha/reflection.proto",
    "gestalt_cache_memory/v1/control.proto",
  ],
  {
    includeDirs: [join(import.meta.dirname, "../../proto")],
    keepCase: true,
    enums: String,
    defaults: true,
    oneofs: true,
  },
);

/** gRPC's standard services and Control, as grpc-js loads their .proto files. */
export type OwnService =
  | "grpc.health.v1.Health"
  | "grpc.reflection.v1.ServerReflection"
  | "grpc.reflection.v1alpha.ServerReflection"
  | "gestalt_cache_memory.v1.Control";

type Message = Record<string, unknown>;

/** The replies of a stream, and its final status. */
export interface StreamEnd {
  readonly code: number;
  readonly details: string;
}

/** A streaming call. */
export interface StreamingCall {
  readonly replies: readonly Message[];
  /** Sends a request; only for client streaming. */
  readonly send: (request: object) => void;
  /** Half-closes the stream: no more requests. */
  readonly finish: () => void;
  readonly cancel: () => void;
  readonly ended: Promise<StreamEnd>;
}

/** Starts a streaming call with grpc-js; the connection ends with the test. */
export function startStreamingCall(
  target: string,
  service: OwnService,
  name: string,
  request?: object,
  metadata = new grpc.Metadata(),
): StreamingCall {
  const method = methodOf(service, name);
  const client = createClient(target);
  const { path, requestSerialize, responseDeserialize } = method;
  const twoWay =
    request === undefined
      ? client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, metadata)
      : undefined;
  const call =
    twoWay ??
    client.makeServerStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      request ?? {},
      metadata,
    );
  const replies: Message[] = [];
  call.on("data", (reply: Message) => replies.push(reply));
  call.on("error", () => {});
  const ended = new Promise<StreamEnd>((resolve) => {
    call.on("status", ({ code, details }: grpc.StatusObject) => resolve({ code, details }));
  });
  return {
    replies,
    send: (value) => void twoWay?.write(value),
    finish: () => void twoWay?.end(),
    cancel: () => call.cancel(),
    ended,
  };
}

/** A unary call with grpc-js. */
export function callUnary(
  target: string,
  service: OwnService,
  name: string,
  request: object,
  metadata = new grpc.Metadata(),
): Promise<StreamEnd & { reply: Message | undefined }> {
  const method = methodOf(service, name);
  const client = createClient(target);
  return new Promise((resolve) => {
    client.makeUnaryRequest(
      method.path,
      method.requestSerialize,
      method.responseDeserialize,
      request,
      metadata,
      (error, reply?: Message) =>
        resolve({ code: error?.code ?? 0, details: error?.details ?? "", reply }),
    );
  });
}

function createClient(target: string): grpc.Client {
  const client = new grpc.Client(target, grpc.credentials.createInsecure(), {
    "grpc.use_local_subchannel_pool": 1,
  });
  onTestFinished(() => client.close());
  return client;
}

interface Method {
  readonly path: string;
  readonly requestSerialize: (request: object) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => Message;
}

function methodOf(service: OwnService, name: string): Method {
  const method = (definition[service] as unknown as Record<string, Method | undefined>)[name];
  if (method === undefined) throw new Error(`${service} has no method ${name}`);
  return method;
}
