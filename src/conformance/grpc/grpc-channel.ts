import http2 from "node:http2";
import type net from "node:net";
import { performance } from "node:perf_hooks";
import { clearTimeout, setTimeout } from "node:timers";
import { NoAnswer } from "../cache-under-test.js";
import { messageFromBody } from "./grpc-frame.js";
import { deadlineHeader, requestHeaders } from "./grpc-request.js";
import { statusFromHttp, statusNameFromCode, type StatusName } from "./status.js";

/** A gRPC answer as it came. */
export interface GrpcReply {
  readonly status: StatusName;
  readonly statusMessage: string;
  /** The message; undefined in an answer that has none. */
  readonly message: Uint8Array | undefined;
}

/** How one call differs from what the host sends. */
export interface GrpcCallOptions {
  /** Default `localhost`, as the host sends it. */
  readonly authority?: string;
  readonly timeoutMs?: number;
}

/** How a channel connects. */
export interface GrpcChannelOptions {
  /** Opens a socket to the provider. */
  readonly connect: () => net.Socket;
  /** How long a connection, and each call, may take. */
  readonly timeoutMs: number;
  /** Sent with every call, such as a token. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * How much a connection may hold, in megabytes. Node counts what it had still to send
 * of a call that the other end refused, and at 10, its default, opens no further one.
 */
const SESSION_MEGABYTES = 1024;

/** How much earlier than the kit a server may notice that the deadline of a call has passed. */
const TIMER_TOLERANCE_MS = 50;

/** A request that is being sent, for cases about requests that end oddly. */
export interface OpenCall {
  /** Sends bytes of the body; settled when they are on their way, or the call has ended. */
  send(bytes: Uint8Array): Promise<void>;
  /** Ends the body. */
  end(): void;
  /** Gives the call up, as a client does that disappears. */
  abandon(): void;
  readonly reply: Promise<GrpcReply>;
}

/**
 * Unary gRPC on plain `node:http2`, with no gRPC library between the cases and
 * the wire: cases send what no library would, and an answer that a lenient
 * library would let pass is noticed here. Connects at the first call, and again
 * after the connection has ended.
 */
export class GrpcChannel {
  readonly #options: GrpcChannelOptions;
  #session: Promise<http2.ClientHttp2Session> | undefined;

  constructor(options: GrpcChannelOptions) {
    this.#options = options;
  }

  /**
   * Sends a body, already framed, to `/package.Service/Method`.
   * @throws NoAnswer when what comes back is no gRPC answer
   */
  async call(path: string, body: Uint8Array, options?: GrpcCallOptions): Promise<GrpcReply> {
    const call = await this.open(path, options);
    void call.send(body);
    call.end();
    return call.reply;
  }

  /** Begins a call. Its reply must be awaited, or the call abandoned. */
  async open(path: string, options: GrpcCallOptions = {}): Promise<OpenCall> {
    const session = await this.connected();
    const timeoutMs = options.timeoutMs ?? this.#options.timeoutMs;
    const stream = session.request({
      ...requestHeaders(path),
      ...deadlineHeader(timeoutMs),
      ":authority": options.authority ?? "localhost",
      "user-agent": "gestalt-cache-conformance",
      ...this.#options.headers,
    });
    const reply = readReply(stream, timeoutMs);
    // A call may be given up before anybody waits for its reply.
    reply.catch(() => undefined);
    return {
      send: (bytes) =>
        new Promise((resolve) => {
          stream.write(bytes, () => resolve());
          stream.once("close", resolve);
        }),
      end: () => void stream.end(),
      abandon: () => stream.close(http2.constants.NGHTTP2_CANCEL),
      reply,
    };
  }

  /**
   * The connection, once the other end has sent its SETTINGS.
   * @throws NoAnswer when nobody answers, or not in HTTP/2
   */
  connected(): Promise<http2.ClientHttp2Session> {
    this.#session ??= this.#connect();
    return this.#session;
  }

  /** Drops the connection; calls in flight end without an answer. */
  close(): void {
    const session = this.#session;
    this.#session = undefined;
    session?.then(
      (open) => open.destroy(),
      () => undefined,
    );
  }

  #connect(): Promise<http2.ClientHttp2Session> {
    const { connect, timeoutMs } = this.#options;
    const connecting = new Promise<http2.ClientHttp2Session>((resolve, reject) => {
      const session = http2.connect("http://localhost", {
        createConnection: connect,
        maxSessionMemory: SESSION_MEGABYTES,
      });
      const forget = (): void => {
        if (this.#session === connecting) this.#session = undefined;
      };
      const giveUp = (problem: string, timedOut = false, cause?: Error): void => {
        clearTimeout(timer);
        forget();
        reject(new NoAnswer(problem, { timedOut, cause }));
        session.destroy();
      };
      const timer = setTimeout(
        () => giveUp(`no HTTP/2 SETTINGS within ${timeoutMs} ms after connecting`, true),
        timeoutMs,
      );
      session.once("remoteSettings", () => {
        clearTimeout(timer);
        resolve(session);
      });
      session.on("error", (error: Error) =>
        giveUp(`no HTTP/2 connection: ${error.message}`, false, error),
      );
      session.once("goaway", forget);
      session.once("close", () => giveUp("the connection closed before HTTP/2 SETTINGS"));
    });
    return connecting;
  }
}

/** Reads one unary answer to its end, and holds it against gRPC's rules. */
function readReply(stream: http2.ClientHttp2Stream, timeoutMs: number): Promise<GrpcReply> {
  return new Promise((resolve, reject) => {
    const begin = performance.now();
    const chunks: Buffer[] = [];
    let headers: http2.IncomingHttpHeaders | undefined;
    let trailers: http2.IncomingHttpHeaders | undefined;
    const giveUp = (error: NoAnswer): void => {
      clearTimeout(timer);
      reject(error);
      stream.destroy();
    };
    const timeout = new NoAnswer(`no reply within ${timeoutMs} ms`, { timedOut: true });
    const timer = setTimeout(() => giveUp(timeout), timeoutMs);
    stream.once("response", (received) => {
      headers = received;
    });
    stream.once("trailers", (received: http2.IncomingHttpHeaders) => {
      trailers = received;
    });
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("error", (error: Error) =>
      giveUp(new NoAnswer(`the call ended without a reply: ${error.message}`, { cause: error })),
    );
    stream.once("close", () => {
      clearTimeout(timer);
      try {
        const reply = replyFromParts(headers, Buffer.concat(chunks), trailers);
        const isDue = performance.now() - begin >= timeoutMs - TIMER_TOLERANCE_MS;
        if (reply.status === "DEADLINE_EXCEEDED" && isDue) reject(timeout);
        else resolve(reply);
      } catch (cause) {
        reject(cause instanceof NoAnswer ? cause : new NoAnswer(String(cause), { cause }));
      }
    });
  });
}

function replyFromParts(
  headers: http2.IncomingHttpHeaders | undefined,
  body: Buffer,
  trailers: http2.IncomingHttpHeaders | undefined,
): GrpcReply {
  if (headers === undefined) throw new NoAnswer("the connection closed before a reply");
  const httpStatus = Number(headers[":status"]);
  const contentType = headers["content-type"] ?? "none";
  const hasStatus = (trailers ?? headers)["grpc-status"] !== undefined;
  if (httpStatus !== 200 && !hasStatus) {
    const statusMessage = `HTTP status ${httpStatus}, content-type ${contentType}`;
    return { status: statusFromHttp(httpStatus), statusMessage, message: undefined };
  }
  if (!contentType.startsWith("application/grpc")) {
    throw new NoAnswer(`the reply is not gRPC: content-type ${contentType}`);
  }
  // An answer without a body may put its status in the headers.
  const ending = trailers ?? headers;
  const code = headerText(ending["grpc-status"]);
  if (code === undefined) throw new NoAnswer("a reply without grpc-status");
  const status = /^\d{1,2}$/.test(code) ? statusNameFromCode(Number(code)) : undefined;
  if (status === undefined) throw new NoAnswer(`a reply with the unknown grpc-status ${code}`);
  let message: Buffer | undefined;
  try {
    message = messageFromBody(body);
  } catch (cause) {
    throw new NoAnswer((cause as Error).message, { cause });
  }
  return { status, statusMessage: decodeMessage(headerText(ending["grpc-message"])), message };
}

function headerText(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

/** grpc-message is percent-encoded UTF-8; a bad one is shown as it is. */
function decodeMessage(encoded = ""): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}
