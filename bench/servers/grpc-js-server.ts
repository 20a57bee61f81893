import { join } from "node:path";
import {
  Server,
  ServerCredentials,
  type handleUnaryCall,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import type { CacheProvider } from "../../src/contract/cache-provider.js";
import type { MaybePromise } from "../../src/contract/maybe-promise.js";
import type { StartContestant } from "./contestant.js";

interface EntryMessage {
  readonly key: string;
  readonly value: Uint8Array;
}

interface TtlMessage {
  readonly ttl?: { readonly seconds: string; readonly nanos: number } | null;
}

/** Large enough for replies of 1,000 keys and of 1 MiB: the limits are not measured. */
const NO_LIMIT = { "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 };

/** A grpc-js server with its usual codec (proto-loader), and the operations that are timed. */
export const startGrpcJsServer: StartContestant = async (provider, socketPath) => {
  const definitions = loadSync("gestalt/provider/v1/cache.proto", {
    includeDirs: [join(import.meta.dirname, "../../proto")],
    keepCase: true,
    longs: String,
    defaults: true,
  });
  const service = definitions["gestalt.provider.v1.Cache"] as ServiceDefinition;
  const server = new Server(NO_LIMIT);
  server.addService(service, createImplementation(provider));
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(`unix://${socketPath}`, ServerCredentials.createInsecure(), (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
};

function createImplementation(provider: CacheProvider): UntypedServiceImplementation {
  return {
    Get: unary(async ({ key }: { key: string }) => {
      const value = await provider.get(key);
      return value == null ? { found: false } : { found: true, value };
    }),
    Set: unary(async ({ key, value, ttl }: EntryMessage & TtlMessage) => {
      await provider.set(key, value, { ttlMs: ttlMsFrom(ttl) });
      return {};
    }),
    GetMany: unary(async ({ keys }: { keys: string[] }) => {
      const found = await provider.getMany(keys);
      return { entries: keys.map((key) => ({ key, found: key in found, value: found[key] })) };
    }),
    SetMany: unary(async ({ entries, ttl }: { entries: EntryMessage[] } & TtlMessage) => {
      await provider.setMany(entries, { ttlMs: ttlMsFrom(ttl) });
      return {};
    }),
  };
}

function ttlMsFrom(ttl: TtlMessage["ttl"]): number {
  return ttl == null ? 0 : Number(ttl.seconds) * 1000 + Math.ceil(ttl.nanos / 1e6);
}

function unary<Request>(
  handle: (request: Request) => MaybePromise<object>,
): handleUnaryCall<Request, object> {
  return (call, callback) => {
    void Promise.resolve(handle(call.request)).then(
      (reply) => callback(null, reply),
      (error: unknown) => callback(error as Error),
    );
  };
}
