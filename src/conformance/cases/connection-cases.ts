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
    title: "A client whose :authority is its escaped socket path is served.",
    section: "4",
    level: "required",
    reason: "Python's, C++'s and Ruby's gRPC send it on Unix sockets; some servers die of it.",
    needs: "wire",
    async run(context) {
      await checkServedAs(context, "tmp%2Fgestalt%2Fprovider.sock");
    },
  },
  {
    id: "connection/any-authority",
    title: "Whatever :authority a client sends, it is served.",
    section: "4",
    level: "recommended",
    reason: "The name means nothing on a private socket; parsing it can only go wrong.",
    needs: "wire",
    async run(context) {
      for (const authority of ["cache.example", "%2F", "[::1", ":", "x:99999", "localhost:0"]) {
        await checkServedAs(context, authority);
      }
    },
  },
  {
    id: "connection/abandoned-calls",
    title: "Clients that disappear in the middle of a call cost the provider nothing.",
    section: "4",
    level: "required",
    reason: "Plugins are killed at any moment; the cache of the others must live on.",
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
      transcript.note(`(${ABANDONED_CALLS} calls of another connection broken off half-way)`);
      await sleep(AFTERMATH_MS);
      await checkStored(cache, k, bytes("v"));
    },
  },
  {
    id: "connection/several-at-once",
    title: "Several connections are served at once, and see the same entries.",
    section: "4",
    level: "required",
    reason: "The host dials again after idle times, while plugins hold on to theirs.",
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
