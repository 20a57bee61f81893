import { join } from "node:path";
import * as grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { onTestFinished } from "vitest";

/** A call that the server received. */
export interface SeenCall {
  readonly method: string;
  readonly request: Record<string, unknown>;
  readonly headers: Record<string, string>;
  readonly authority: string;
  /** Milliseconds until the call's deadline; Infinity without one. */
  readonly timeLeftMs: number;
}

/** A cache server on grpc-js and the .proto file, without code of this project. */
export interface GrpcJsCacheServer {
  readonly port: number;
  readonly calls: readonly SeenCall[];
  readonly values: Map<string, Buffer>;
  /** Stops the server at once and closes its connections. */
  stop(): void;
}

/** The outcome of a call in place of the cache's reply. */
export type Answer = { readonly code: grpc.status; readonly details: string } | "nothing";

const definitions = loadSync("gestalt/provider/v1/cache.proto", {
  includeDirs: [join(import.meta.dirname, "../../proto")],
  keepCase: true,
  longs: String,
  defaults: true,
});

interface Entry {
  readonly key: string;
  readonly value: Buffer;
}

/** The fields of all request messages; a method reads those of its own. */
interface AnyRequest extends Entry {
  readonly keys: readonly string[];
  readonly entries: readonly Entry[];
}

function operationsOn(values: Map<string, Buffer>) {
  const get = ({ key }: { key: string }) => ({
    found: values.has(key),
    value: values.get(key) ?? Buffer.alloc(0),
  });
  const set = ({ key, value }: Entry) => {
    values.set(key, Buffer.from(value));
  };
  return {
    Get: get,
    GetMany: ({ keys }: AnyRequest) => ({ entries: keys.map((key) => ({ key, ...get({ key }) })) }),
    Set: (request: AnyRequest) => {
      set(request);
      return {};
    },
    SetMany: ({ entries }: AnyRequest) => {
      entries.forEach(set);
      return {};
    },
    Delete: ({ key }: AnyRequest) => ({ deleted: values.delete(key) }),
    DeleteMany: ({ keys }: AnyRequest) => ({
      deleted: keys.filter((key) => values.delete(key)).length,
    }),
    Touch: ({ key }: AnyRequest) => ({ touched: values.has(key) }),
  };
}

/** Serves at a grpc-js address (`unix:///path` or `host:port`) until the test ends. */
export async function startGrpcJsCacheServer(
  address: string,
  options: {
    credentials?: grpc.ServerCredentials;
    answer?: (call: SeenCall) => Answer | undefined;
  } = {},
): Promise<GrpcJsCacheServer> {
  const values = new Map<string, Buffer>();
  const calls: SeenCall[] = [];
  const definition = definitions["gestalt.provider.v1.Cache"] as unknown as grpc.ServiceDefinition;
  const operations = operationsOn(values);
  const implementation: grpc.UntypedServiceImplementation = {};
  for (const [method, operate] of Object.entries(operations)) {
    const handle: grpc.handleUnaryCall<AnyRequest, object> = (call, reply) => {
      const seen: SeenCall = {
        method,
        request: { ...call.request },
        headers: Object.fromEntries(
          Object.entries(call.metadata.getMap()).map(([name, value]) => [name, value.toString()]),
        ),
        authority: call.getHost(),
        timeLeftMs: Number(call.getDeadline()) - Date.now(),
      };
      calls.push(seen);
      const answer = options.answer?.(seen);
      if (answer === "nothing") return;
      if (answer) reply(answer);
      else reply(null, operate(call.request));
    };
    implementation[method] = handle;
  }
  const server = new grpc.Server({ "grpc.max_receive_message_length": -1 });
  server.addService(definition, implementation);
  const port = await new Promise<number>((resolve, reject) => {
    const credentials = options.credentials ?? grpc.ServerCredentials.createInsecure();
    server.bindAsync(address, credentials, (error, bound) => {
      if (error) reject(error);
      else resolve(bound);
    });
  });
  onTestFinished(() => server.forceShutdown());
  return { port, calls, values, stop: () => server.forceShutdown() };
}
