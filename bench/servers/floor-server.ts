import { once } from "node:events";
import { createServer, type ServerHttp2Stream } from "node:http2";
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
import type { StartContestant } from "./contestant.js";

type Answer = (body: Buffer) => Promise<Buffer> | Buffer;

/**
 * The least that a gRPC server in Node can do: collect the body, decode, ask the
 * store, encode, send with a trailer. No errors, no limits, no deadlines: what
 * it reaches is what `node:http2` and the codec leave of a core.
 */
export const startFloorServer: StartContestant = async (provider, socketPath) => {
  const answers = createAnswers(provider);
  const server = createServer();
  server.on("stream", (stream, headers) => {
    const answer = answers.get(headers[":path"] ?? "");
    if (answer === undefined) stream.close();
    else serveStream(stream, answer);
  });
  await once(server.listen(socketPath), "listening");
};

function serveStream(stream: ServerHttp2Stream, answer: Answer): void {
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  stream.on("end", () => {
    const reply = answer(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks));
    if (reply instanceof Promise) void reply.then((frame) => send(stream, frame));
    else send(stream, reply);
  });
  stream.on("error", () => {});
}

function send(stream: ServerHttp2Stream, frame: Buffer): void {
  if (stream.destroyed) return;
  stream.respond(
    { ":status": 200, "content-type": "application/grpc+proto" },
    { waitForTrailers: true },
  );
  stream.once("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
  stream.end(frame);
}

function createAnswers(provider: CacheProvider): ReadonlyMap<string, Answer> {
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
