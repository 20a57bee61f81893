import { checkRefused, checkStored, fail } from "../check.js";
import { CallFailed } from "../cache-under-test.js";
import type { ConformanceCase } from "../conformance-case.js";
import type { WireContext } from "../case-context.js";
import { frameMessage } from "../grpc/grpc-frame.js";
import { bytes } from "./sample-bytes.js";

const SERVICE = "/gestalt.provider.v1.Cache";

/** A field of a wire type that does not exist. */
const NO_WIRE_TYPE = Uint8Array.of(0x0f);

/** A CacheSetRequest whose value claims more bytes than follow. */
const CUT_SHORT = Uint8Array.of(0x0a, 0x01, 0x61, 0x12, 0x20, 0x61);

/** A CacheGetRequest whose key is the byte 0xff, which no UTF-8 text holds. */
const NOT_UTF8 = Uint8Array.of(0x0a, 0x01, 0xff);

export const errorsCases: readonly ConformanceCase[] = [
  {
    id: "errors/unknown-method",
    title: "A method that the service does not have is UNIMPLEMENTED.",
    section: "3",
    level: "required",
    reason: "Newer hosts find out by it what an older provider can do.",
    needs: "wire",
    async run(context) {
      await checkRefused(send(context, `${SERVICE}/Increment`, new Uint8Array()), "UNIMPLEMENTED");
    },
  },
  {
    id: "errors/unknown-service",
    title: "A service that the provider does not have is UNIMPLEMENTED.",
    section: "3",
    level: "required",
    reason: "Clients ask for health and reflection services, and take this for no.",
    needs: "wire",
    async run(context) {
      const path = "/gestalt.provider.v1.NoSuchService/Get";
      await checkRefused(send(context, path, new Uint8Array()), "UNIMPLEMENTED");
    },
  },
  {
    id: "errors/undecodable-request",
    title: "A request that does not decode fails, and the provider goes on serving.",
    section: "3",
    level: "required",
    reason: "One broken client must not end the cache of all others.",
    needs: "wire",
    async run(context) {
      const { cache, key } = context;
      const k = key();
      await cache.set(k, bytes("v"));
      await expectAnyFailure(send(context, `${SERVICE}/Get`, NO_WIRE_TYPE));
      await expectAnyFailure(send(context, `${SERVICE}/Set`, CUT_SHORT));
      await checkStored(cache, k, bytes("v"));
    },
  },
  {
    id: "errors/undecodable-is-invalid-argument",
    title: "A request that does not decode is INVALID_ARGUMENT.",
    section: "3",
    level: "ours",
    reason: "The fault is the caller's; INTERNAL would send people to the wrong logs.",
    needs: "wire",
    async run(context) {
      await checkRefused(send(context, `${SERVICE}/Get`, NO_WIRE_TYPE), "INVALID_ARGUMENT");
      await checkRefused(send(context, `${SERVICE}/Set`, CUT_SHORT), "INVALID_ARGUMENT");
    },
  },
  {
    id: "errors/key-that-is-no-utf8",
    title: "A key that is no UTF-8 is INVALID_ARGUMENT.",
    section: "3",
    level: "ours",
    reason: "With its bytes replaced it would be another key.",
    needs: "wire",
    async run(context) {
      await checkRefused(send(context, `${SERVICE}/Get`, NOT_UTF8), "INVALID_ARGUMENT");
      const delivered = Uint8Array.of(...NOT_UTF8, 0x12, 0x01, 0x76);
      await checkRefused(send(context, `${SERVICE}/Set`, delivered), "INVALID_ARGUMENT");
    },
  },
];

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
