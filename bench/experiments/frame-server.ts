import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { LISTEN_BACKLOG } from "../../src/server/listen/backlog.js";
import type { StartContestant } from "../servers/contestant.js";
import { createAnswers, type Answer } from "../servers/unchecked-answers.js";
import { HpackDecoder } from "./hpack.js";

const PREFACE_BYTES = 24;
const HEADER_BYTES = 9;
const DATA = 0;
const HEADERS = 1;
const RST_STREAM = 3;
const SETTINGS = 4;
const PING = 6;
const WINDOW_UPDATE = 8;
const CONTINUATION = 9;
const END_STREAM = 0x1;
const ACK = 0x1;
const END_HEADERS = 0x4;
const PADDED = 0x8;
const PRIORITY = 0x20;
const INITIAL_WINDOW_SIZE = 4;
const MAX_FRAME_BYTES = 16_384;
/** What the server lets each stream and the connection send before it has to wait. */
const RECEIVE_WINDOW = 2 ** 24;
const DEFAULT_WINDOW = 65_535;

/** `:status: 200`, indexed; `content-type: application/grpc` without indexing. */
const REPLY_HEADERS = Buffer.concat([
  Buffer.from([0x88, 0x0f, 31 - 15, 16]),
  Buffer.from("application/grpc"),
]);
/** `grpc-status: 0` without indexing. */
const REPLY_TRAILERS = Buffer.from("\x00\x0bgrpc-status\x010", "latin1");

/**
 * An experiment, not a server: HTTP/2 at the level of frames for one trusted peer on a private
 * socket. It decodes headers, keeps to the peer's flow-control windows, and answers what one read
 * of the socket brought with one write. It has no limits, no deadlines, no defence against floods,
 * and trusts the peer to keep to the protocol.
 */
export const startFrameServer: StartContestant = async (provider, socketPath) => {
  const answers = createAnswers(provider);
  const server = createServer((socket) => new FrameConnection(socket, answers));
  await once(server.listen({ path: socketPath, backlog: LISTEN_BACKLOG }), "listening");
};

interface Stream {
  readonly answer: Answer | undefined;
  readonly chunks: Buffer[];
  sendWindow: number;
}

class FrameConnection {
  readonly #socket: Socket;
  readonly #answers: ReadonlyMap<string, Answer>;
  readonly #hpack = new HpackDecoder();
  readonly #streams = new Map<number, Stream>();
  /** Replies that wait for a window. */
  readonly #waiting: { readonly id: number; readonly body: Buffer; sent: number }[] = [];
  #rest: Buffer = Buffer.alloc(0);
  #hasPreface = false;
  #headerBlock: Buffer[] = [];
  #out: Buffer[] = [];
  #isReading = false;
  #sendWindow = DEFAULT_WINDOW;
  #initialSendWindow = DEFAULT_WINDOW;
  #receivedBytes = 0;

  constructor(socket: Socket, answers: ReadonlyMap<string, Answer>) {
    this.#socket = socket;
    this.#answers = answers;
    socket.on("data", (chunk: Buffer) => this.#read(chunk)).on("error", () => {});
    const settings = Buffer.alloc(6);
    settings.writeUInt16BE(INITIAL_WINDOW_SIZE, 0);
    settings.writeUInt32BE(RECEIVE_WINDOW, 2);
    this.#send(SETTINGS, 0, 0, settings);
    this.#openWindow(RECEIVE_WINDOW - DEFAULT_WINDOW);
    this.#flush();
  }

  #read(chunk: Buffer): void {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    if (!this.#hasPreface) {
      if (bytes.length < PREFACE_BYTES) {
        this.#rest = bytes;
        return;
      }
      bytes = bytes.subarray(PREFACE_BYTES);
      this.#hasPreface = true;
    }
    this.#isReading = true;
    let at = 0;
    while (bytes.length - at >= HEADER_BYTES) {
      const length = bytes.readUIntBE(at, 3);
      const end = at + HEADER_BYTES + length;
      if (end > bytes.length) break;
      const id = bytes.readUInt32BE(at + 5) & 0x7fffffff;
      this.#take(
        bytes[at + 3] ?? 0,
        bytes[at + 4] ?? 0,
        id,
        bytes.subarray(at + HEADER_BYTES, end),
      );
      at = end;
    }
    this.#rest = bytes.subarray(at);
    if (this.#receivedBytes > RECEIVE_WINDOW / 2) {
      this.#openWindow(this.#receivedBytes);
      this.#receivedBytes = 0;
    }
    this.#isReading = false;
    this.#flush();
  }

  #take(type: number, flags: number, id: number, payload: Buffer): void {
    switch (type) {
      case HEADERS:
        this.#headerBlock = [withoutPadding(flags, payload).subarray(flags & PRIORITY ? 5 : 0)];
        if (flags & END_HEADERS) this.#open(id);
        return;
      case CONTINUATION:
        this.#headerBlock.push(payload);
        if (flags & END_HEADERS) this.#open(id);
        return;
      case DATA: {
        this.#receivedBytes += payload.length;
        const stream = this.#streams.get(id);
        stream?.chunks.push(withoutPadding(flags, payload));
        if (stream && flags & END_STREAM) this.#answer(id, stream);
        return;
      }
      case RST_STREAM:
        this.#streams.delete(id);
        return;
      case SETTINGS:
        if (flags & ACK) return;
        for (let at = 0; at + 6 <= payload.length; at += 6) {
          if (payload.readUInt16BE(at) !== INITIAL_WINDOW_SIZE) continue;
          const size = payload.readUInt32BE(at + 2);
          for (const stream of this.#streams.values()) {
            stream.sendWindow += size - this.#initialSendWindow;
          }
          this.#initialSendWindow = size;
        }
        this.#send(SETTINGS, ACK, 0, Buffer.alloc(0));
        this.#sendWaiting();
        return;
      case PING:
        if (!(flags & ACK)) this.#send(PING, ACK, 0, payload);
        return;
      case WINDOW_UPDATE: {
        const increment = payload.readUInt32BE(0);
        const stream = this.#streams.get(id);
        if (id === 0) this.#sendWindow += increment;
        else if (stream) stream.sendWindow += increment;
        this.#sendWaiting();
        return;
      }
      default:
    }
  }

  #open(id: number): void {
    const fields = this.#hpack.decode(Buffer.concat(this.#headerBlock));
    const path = fields.find(([name]) => name === ":path")?.[1] ?? "";
    const answer = this.#answers.get(path);
    this.#streams.set(id, { answer, chunks: [], sendWindow: this.#initialSendWindow });
  }

  #answer(id: number, { answer, chunks }: Stream): void {
    const body = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
    const reply = answer?.(body);
    if (reply === undefined) {
      this.#send(RST_STREAM, 0, id, Buffer.from([0, 0, 0, 7]));
      this.#streams.delete(id);
    } else if (reply instanceof Promise) {
      void reply.then((frame) => {
        this.#reply(id, frame);
      });
    } else {
      this.#reply(id, reply);
    }
  }

  #reply(id: number, body: Buffer): void {
    if (!this.#streams.has(id)) return;
    this.#send(HEADERS, END_HEADERS, id, REPLY_HEADERS);
    this.#waiting.push({ id, body, sent: 0 });
    this.#sendWaiting();
  }

  /** Sends as much of the waiting replies as the windows allow. */
  #sendWaiting(): void {
    while (this.#waiting.length > 0) {
      const reply = this.#waiting.find(({ id }) => (this.#streams.get(id)?.sendWindow ?? 1) > 0);
      if (reply === undefined || this.#sendWindow <= 0) break;
      const stream = this.#streams.get(reply.id);
      const { body, id } = reply;
      while (stream && reply.sent < body.length) {
        const window = Math.min(stream.sendWindow, this.#sendWindow, MAX_FRAME_BYTES);
        if (window <= 0) break;
        const part = body.subarray(reply.sent, reply.sent + window);
        reply.sent += part.length;
        stream.sendWindow -= part.length;
        this.#sendWindow -= part.length;
        this.#send(DATA, 0, id, part);
      }
      if (stream && reply.sent < body.length) continue;
      if (stream) this.#send(HEADERS, END_HEADERS | END_STREAM, id, REPLY_TRAILERS);
      this.#streams.delete(id);
      this.#waiting.splice(this.#waiting.indexOf(reply), 1);
    }
    if (!this.#isReading) this.#flush();
  }

  #openWindow(increment: number): void {
    const payload = Buffer.alloc(4);
    payload.writeUInt32BE(increment);
    this.#send(WINDOW_UPDATE, 0, 0, payload);
  }

  #send(type: number, flags: number, id: number, payload: Buffer): void {
    const header = Buffer.allocUnsafe(HEADER_BYTES);
    header.writeUIntBE(payload.length, 0, 3);
    header[3] = type;
    header[4] = flags;
    header.writeUInt32BE(id, 5);
    this.#out.push(header, payload);
  }

  #flush(): void {
    if (this.#out.length === 0) return;
    const bytes = Buffer.concat(this.#out);
    this.#out = [];
    this.#socket.write(bytes);
  }
}

function withoutPadding(flags: number, payload: Buffer): Buffer {
  if (!(flags & PADDED)) return payload;
  return payload.subarray(1, payload.length - (payload[0] ?? 0));
}
