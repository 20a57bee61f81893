import { once } from "node:events";
import { createServer, type ServerHttp2Stream } from "node:http2";
import { LISTEN_BACKLOG } from "../../src/server/listen/backlog.js";
import type { StartContestant } from "./contestant.js";
import { createAnswers, type Answer } from "./unchecked-answers.js";

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
  await once(server.listen({ path: socketPath, backlog: LISTEN_BACKLOG }), "listening");
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
