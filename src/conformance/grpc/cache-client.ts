import { Cache } from "../../rpc/gen/gestalt/provider/v1/cache_pb.js";
import type { CacheUnderTest, KeyedReply, KeyedValue } from "../cache-under-test.js";
import type { WireDuration } from "../wire-duration.js";
import type { GrpcChannel } from "./grpc-channel.js";
import { unaryCall } from "./unary-call.js";

/** The seven operations over gRPC. An unset TTL is left out of the message. */
export function createCacheClient(channel: GrpcChannel): CacheUnderTest {
  const { method } = Cache;
  return {
    get: (key) => unaryCall(channel, method.get, { key }),
    getMany: async (keys): Promise<readonly KeyedReply[]> =>
      (await unaryCall(channel, method.getMany, { keys: [...keys] })).entries,
    set: async (key, value, ttl) => {
      await unaryCall(channel, method.set, { key, value, ...ttlField(ttl) });
    },
    setMany: async (entries, ttl) => {
      await unaryCall(channel, method.setMany, {
        entries: entries.map(({ key, value }: KeyedValue) => ({ key, value })),
        ...ttlField(ttl),
      });
    },
    delete: async (key) => (await unaryCall(channel, method.delete, { key })).deleted,
    deleteMany: async (keys) =>
      Number((await unaryCall(channel, method.deleteMany, { keys: [...keys] })).deleted),
    touch: async (key, ttl) =>
      (await unaryCall(channel, method.touch, { key, ...ttlField(ttl) })).touched,
  };
}

function ttlField(ttl: WireDuration | undefined): { ttl?: WireDuration } {
  return ttl === undefined ? {} : { ttl };
}
