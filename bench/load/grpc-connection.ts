import {
  connect as connectHttp2,
  type ClientHttp2Session,
  type IncomingHttpHeaders,
} from "node:http2";
import { connect as connectSocket, type Socket } from "node:net";
import { requestHeaders } from "../../src/conformance/grpc/grpc-request.js";

/** Room for replies in flight, so that flow control does not slow a client down. */
const WINDOW_BYTES = 2 ** 26;

/** What the load generators and the checks have in common: raw unary calls over one connection. */
export interface GrpcConnection {
  /**
   * Sends one framed message and gives the body of the reply.
   * @throws Error when the call does not end with grpc-status 0
   */
  call(path: string, frame: Uint8Array): Promise<Buffer>;
  close(): void;
}

/** Connects to a server on a Unix socket, or uses a socket that is connected already. */
export function connectGrpc(target: string | Socket): GrpcConnection {
  const session = openSession(target);
  return {
    call: (path, frame) => callOn(session, path, frame),
    close: () => session.destroy(),
  };
}

function openSession(target: string | Socket): ClientHttp2Session {
  const session = connectHttp2("http://localhost", {
    createConnection: () => (typeof target === "string" ? connectSocket(target) : target),
    settings: { initialWindowSize: WINDOW_BYTES },
    maxSessionMemory: 1024,
  });
  session.once("connect", () => session.setLocalWindowSize(WINDOW_BYTES));
  // Calls report it, each for itself.
  session.on("error", () => {});
  return session;
}

function callOn(session: ClientHttp2Session, path: string, frame: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ...requestHeaders(path) });
    const chunks: Buffer[] = [];
    let status = "missing";
    const takeStatus = (headers: IncomingHttpHeaders): void => {
      if (headers["grpc-status"] === undefined) return;
      status = [headers["grpc-status"], headers["grpc-message"]].flat().join(" ").trim();
    };
    stream.on("response", takeStatus);
    stream.on("trailers", takeStatus);
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("error", reject);
    stream.on("close", () => {
      if (/^0\b/.test(status)) resolve(Buffer.concat(chunks));
      else reject(new Error(`${path}: grpc-status ${status}`));
    });
    stream.end(frame);
  });
}
