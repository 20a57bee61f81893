import { create, toBinary } from "@bufbuild/protobuf";
import { setTimeout as sleep } from "node:timers/promises";
import { Cache, CacheSetRequestSchema } from "../../rpc/gen/gestalt/provider/v1/cache_pb.js";
import { checkFound, checkStored } from "../check.js";
import type { WireContext } from "../case-context.js";
import type { ConformanceCase } from "../conformance-case.js";
import { createCacheClient } from "../grpc/cache-client.js";
import { frameMessage } from "../grpc/grpc-frame.js";
import { methodPath } from "../grpc/grpc-request.js";
import { unaryCall } from "../grpc/unary-call.js";
import { bytes } from "./sample-bytes.js";

/** How long a provider has to fall over after what was done to it. */
const AFTERMATH_MS = 100;

/** How many calls one client abandons. */
const ABANDONED_CALLS = 20;

export const connectionCases: readonly ConformanceCase[] = [
  {
    id: "connection/escaped-path-authority",
    title: "The provider serves a client whose :authority is its escaped socket path.",
    section: "4",
    level: "required",
    reason:
      "Clients with gRPC for Python, C++ or Ruby send it on Unix sockets, and some servers crash on it.",
    needs: "wire",
    async run(context) {
      await checkServedAs(context, "tmp%2Fgestalt%2Fprovider.sock");
    },
  },
  {
    id: "connection/any-authority",
    title: "The provider serves a client with any :authority.",
    section: "4",
    level: "recommended",
    reason: "The authority has no meaning on a private socket.",
    needs: "wire",
    async run(context) {
      for (const authority of ["cache.example", "%2F", "[::1", ":", "x:99999", "localhost:0"]) {
        await checkServedAs(context, authority);
      }
    },
  },
  {
    id: "connection/abandoned-calls",
    title: "The provider keeps serving after clients disconnect in the middle of a call.",
    section: "4",
    level: "required",
    reason: "A plugin can be killed at any moment, and the other plugins still need the cache.",
    needs: "wire",
    async run(context) {
      const { cache, key, openChannel, transcript } = context;
      const k = key();
      await cache.set(k, bytes("v"));
      const frame = frameMessage(
        toBinary(CacheSetRequestSchema, create(CacheSetRequestSchema, { key: key("half") })),
      );
      const channel = openChannel();
      for (let count = 0; count < ABANDONED_CALLS; count++) {
        const call = await channel.open(methodPath(Cache.method.set));
        await call.send(frame.subarray(0, frame.byteLength / 2));
        if (count % 2 === 0) call.abandon();
      }
      channel.close();
      transcript.note(`(started ${ABANDONED_CALLS} calls on another connection and closed it)`);
      await sleep(AFTERMATH_MS);
      await checkStored(cache, k, bytes("v"));
    },
  },
  {
    id: "connection/several-at-once",
    title: "The provider serves several connections at once, with the same entries.",
    section: "4",
    level: "required",
    reason: "The host opens new connections while plugins keep theirs.",
    needs: "wire",
    async run({ cache, key, openChannel }) {
      const k = key();
      await cache.set(k, bytes("v"));
      const others = [openChannel(), openChannel(), openChannel()];
      await Promise.all(
        others.map((channel) => checkStored(createCacheClient(channel), k, bytes("v"))),
      );
    },
  },
];

/** A call with this authority, on a connection of its own, must be answered. */
async function checkServedAs(context: WireContext, authority: string): Promise<void> {
  const { cache, key, openChannel, transcript } = context;
  const k = key();
  await cache.set(k, bytes("v"));
  const call = `Get(${JSON.stringify(k)}) with :authority ${JSON.stringify(authority)}`;
  const channel = openChannel();
  const reply = await transcript.record(call, () =>
    unaryCall(channel, Cache.method.get, { key: k }, { authority }),
  );
  channel.close();
  checkFound(reply, bytes("v"));
  await checkStored(cache, k, bytes("v"));
}
