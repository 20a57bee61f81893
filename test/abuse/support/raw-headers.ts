import { once } from "node:events";
import { connect as connectHttp2, type ClientHttp2Session } from "node:http2";
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { onTestFinished } from "vitest";
import {
  decodeFrame,
  encodeFrame,
  encodeHeaders,
  FRAME_HEADER_BYTES,
  FrameType,
  PREFACE,
  type HeaderField,
} from "./http2-frames.js";
import { outcomeOf, type Outcome } from "./plain-call.js";

/** Says headers that no HTTP/2 library would say, and understands the answers all the same. */
export interface RawHeaderClient {
  /** Sends a request with exactly these fields. */
  call(fields: readonly HeaderField[], body: Uint8Array): Promise<Outcome>;
  /** True when the server has ended the connection. */
  readonly isOver: boolean;
}

/**
 * Node's own client, with the header blocks exchanged on their way to the server:
 * each block that it sends is replaced by the next of ours.
 */
export async function openRawHeaderClient(socket: Socket): Promise<RawHeaderClient> {
  const blocks: Buffer[] = [];
  const session = connectHttp2("http://localhost", {
    createConnection: () => exchangeHeaders(socket, blocks),
  });
  session.on("error", () => {});
  onTestFinished(() => session.destroy());
  await once(session, "remoteSettings");
  return {
    call: (fields, body) => {
      blocks.push(encodeHeaders(fields));
      return sendOnStream(session, body);
    },
    get isOver() {
      return session.closed || session.destroyed;
    },
  };
}

function sendOnStream(session: ClientHttp2Session, body: Uint8Array): Promise<Outcome> {
  const stream = session.request({ ":method": "POST", ":path": "/" });
  const outcome = outcomeOf(stream);
  stream.end(body);
  return outcome;
}

/** A stream over the socket that replaces the payload of every HEADERS frame written to it. */
function exchangeHeaders(socket: Socket, blocks: Buffer[]): Duplex {
  let isGreeted = false;
  let unsent: Buffer = Buffer.alloc(0);
  const duplex = new Duplex({
    read: () => void socket.resume(),
    write(chunk: Buffer, _encoding, done) {
      unsent = Buffer.concat([unsent, chunk]);
      const ready: Buffer[] = [];
      if (!isGreeted && unsent.length >= PREFACE.length) {
        ready.push(unsent.subarray(0, PREFACE.length));
        unsent = unsent.subarray(PREFACE.length);
        isGreeted = true;
      }
      let frame = isGreeted ? decodeFrame(unsent) : undefined;
      while (frame !== undefined) {
        unsent = unsent.subarray(FRAME_HEADER_BYTES + frame.payload.length);
        const { type, flags, streamId, payload } = frame;
        const isHeaders = type === FrameType.headers;
        ready.push(encodeFrame(type, flags, streamId, isHeaders ? blocks.shift() : payload));
        frame = decodeFrame(unsent);
      }
      socket.write(Buffer.concat(ready), () => done());
    },
    final: (done) => void socket.end(done),
    destroy: (error, done) => {
      socket.destroy();
      done(error);
    },
  });
  socket.on("data", (chunk) => {
    if (!duplex.push(chunk)) socket.pause();
  });
  socket.on("end", () => void duplex.push(null));
  socket.on("close", () => void duplex.destroy());
  socket.on("error", () => void duplex.destroy());
  duplex.on("error", () => {});
  return duplex;
}
