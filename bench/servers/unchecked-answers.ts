import {
  create,
  fromBinary,
  toBinary,
  type DescMessage,
  type DescMethodUnary,
  type MessageInitShape,
  type MessageShape,
} from "@bufbuild/protobuf";
import type { CacheProvider } from "../../src/contract/cache-provider.js";
import { ttlMsFromDuration } from "../../src/rpc/duration.js";
import { Cache } from "../../src/rpc/gen/gestalt/provider/v1/cache_pb.js";
import { frameMessage } from "../../src/conformance/grpc/grpc-frame.js";
import { bodyMessage } from "../load/unary-call.js";

/** Answers one call: a framed request to a framed reply. */
export type Answer = (body: Buffer) => Promise<Buffer> | Buffer;

/** The calls that are timed, by path: decode with protobuf-es, ask the store, encode. No checks. */
export function createAnswers(provider: CacheProvider): ReadonlyMap<string, Answer> {
  const { get, set, getMany, setMany } = Cache.method;
  return new Map([
    answerTo(get, ({ key }) => {
      const value = provider.get(key) as Uint8Array | undefined;
      return value === undefined ? { found: false } : { found: true, value };
    }),
    answerTo(set, ({ key, value, ttl }) => {
      const done = provider.set(key, value, { ttlMs: ttlMsFromDuration(ttl) });
      return done ? done.then(() => ({})) : {};
    }),
    answerTo(getMany, ({ keys }) => {
      const found = provider.getMany(keys) as Record<string, Uint8Array>;
      return {
        entries: keys.map((key) => {
          const value = found[key];
          return value === undefined ? { key, found: false } : { key, found: true, value };
        }),
      };
    }),
    answerTo(setMany, ({ entries, ttl }) => {
      const done = provider.setMany(entries, { ttlMs: ttlMsFromDuration(ttl) });
      return done ? done.then(() => ({})) : {};
    }),
  ]);
}

function answerTo<I extends DescMessage, O extends DescMessage>(
  method: DescMethodUnary<I, O>,
  handle: (request: MessageShape<I>) => MessageInitShape<O> | Promise<MessageInitShape<O>>,
): [path: string, answer: Answer] {
  const encode = (reply: MessageInitShape<O>): Buffer =>
    frameMessage(toBinary(method.output, create(method.output, reply)));
  const answer: Answer = (body) => {
    const reply = handle(fromBinary(method.input, bodyMessage(body)));
    return reply instanceof Promise ? reply.then(encode) : encode(reply);
  };
  return [`/${method.parent.typeName}/${method.name}`, answer];
}
