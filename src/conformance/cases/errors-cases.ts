import { create, toBinary } from "@bufbuild/protobuf";
import { CacheSetRequestSchema } from "../../rpc/gen/gestalt/provider/v1/cache_pb.js";
import { checkRefused, checkStored, fail } from "../check.js";
import { CallFailed } from "../cache-under-test.js";
import type { ConformanceCase } from "../conformance-case.js";
import type { WireContext } from "../case-context.js";
import { frameMessage } from "../grpc/grpc-frame.js";
import { bytes } from "./sample-bytes.js";

const SERVICE = "/gestalt.provider.v1.Cache";

/** A field of a wire type that does not exist. */
const NO_WIRE_TYPE = Uint8Array.of(0x0f);

/** A CacheGetRequest whose key is the byte 0xff, which no UTF-8 text holds. */
const NOT_UTF8 = Uint8Array.of(0x0a, 0x01, 0xff);

export const errorsCases: readonly ConformanceCase[] = [
  {
    id: "errors/unknown-method",
    title: "A call of an unknown method fails with UNIMPLEMENTED.",
    section: "3",
    level: "required",
    reason: "Newer hosts use this status to detect what an older provider supports.",
    needs: "wire",
    async run(context) {
      await checkRefused(send(context, `${SERVICE}/Increment`, new Uint8Array()), "UNIMPLEMENTED");
    },
  },
  {
    id: "errors/unknown-service",
    title: "A call of an unknown service fails with UNIMPLEMENTED.",
    section: "3",
    level: "required",
    reason:
      "Clients use this status to detect whether a provider has health and reflection services.",
    needs: "wire",
    async run(context) {
      const path = "/gestalt.provider.v1.NoSuchService/Get";
      await checkRefused(send(context, path, new Uint8Array()), "UNIMPLEMENTED");
    },
  },
  {
    id: "errors/undecodable-request",
    title: "A request that does not decode fails, and the provider keeps serving.",
    section: "3",
    level: "required",
    reason: "One faulty client must not stop the cache for all others.",
    needs: "wire",
    async run(context) {
      const { cache, key } = context;
      const k = key();
      await cache.set(k, bytes("v"));
      await expectAnyFailure(send(context, `${SERVICE}/Get`, NO_WIRE_TYPE));
      await expectAnyFailure(send(context, `${SERVICE}/Set`, cutShort(key())));
      await checkStored(cache, k, bytes("v"));
    },
  },
  {
    id: "errors/undecodable-is-invalid-argument",
    title: "A request that does not decode fails with INVALID_ARGUMENT.",
    section: "3",
    level: "ours",
    reason: "The caller is at fault, and INTERNAL would blame the provider.",
    needs: "wire",
    async run(context) {
      await checkRefused(send(context, `${SERVICE}/Get`, NO_WIRE_TYPE), "INVALID_ARGUMENT");
      const message = cutShort(context.key());
      await checkRefused(send(context, `${SERVICE}/Set`, message), "INVALID_ARGUMENT");
    },
  },
  {
    id: "errors/key-that-is-no-utf8",
    title: "A key that is not valid UTF-8 fails with INVALID_ARGUMENT.",
    section: "3",
    level: "ours",
    reason: "A decoder that replaces the invalid bytes turns it into another key.",
    needs: "wire",
    async run(context) {
      // A decoder that replaces the byte writes this key.
      await context.bareKey("\ufffd");
      await checkRefused(send(context, `${SERVICE}/Get`, NOT_UTF8), "INVALID_ARGUMENT");
      const delivered = Uint8Array.of(...NOT_UTF8, 0x12, 0x01, 0x76);
      await checkRefused(send(context, `${SERVICE}/Set`, delivered), "INVALID_ARGUMENT");
    },
  },
];

/** A CacheSetRequest whose value claims more bytes than follow. */
function cutShort(key: string): Uint8Array {
  const whole = toBinary(CacheSetRequestSchema, create(CacheSetRequestSchema, { key }));
  return Buffer.concat([whole, Uint8Array.of(0x12, 0x20, 0x61)]);
}

/** Sends a message of any bytes; rejects with CallFailed for a status other than OK. */
function send(context: WireContext, path: string, message: Uint8Array): Promise<unknown> {
  const hex = Buffer.from(message).toString("hex");
  return context.transcript.record(`${path} with message 0x${hex}`, async () => {
    const reply = await context.channel.call(path, frameMessage(message));
    if (reply.status !== "OK") throw new CallFailed(reply.status, reply.statusMessage);
  });
}

async function expectAnyFailure(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (error instanceof CallFailed) return;
    throw error;
  }
  fail("an error status", "OK");
}
