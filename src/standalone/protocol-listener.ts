import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket } from "node:tls";
import { clearTimeout, setTimeout } from "node:timers";
import type { ListenAddress } from "../server/listen/listen-address.js";
import { listenOnTcp } from "../server/listen/tcp-socket.js";
import { listenOnUnixSocket } from "../server/listen/unix-socket.js";
import type { TlsCredentials } from "./tls-credentials.js";
import { PendingSockets } from "./pending-sockets.js";

/** Options of {@link openProtocolListener}. */
export interface ProtocolListenerOptions {
  readonly onHttp2: (socket: Socket) => void;
  readonly onHttp1: (socket: Socket) => void;
  /** The time in milliseconds that a client has to send its first bytes, or to complete TLS. */
  readonly handshakeTimeoutMs: number;
  /** The most connections that have not done so. One more closes the longest silent one. */
  readonly maxPending: number;
  /** Called with the error of a failed TLS handshake, which the client usually causes. */
  readonly onHandshakeError: (error: unknown) => void;
  /** Receives errors of the listening server. */
  readonly report: (error: unknown, where: string) => void;
  /** Required for `tls` addresses. */
  readonly tls?: TlsCredentials | undefined;
}

/** A listener at one address. */
export interface ProtocolListener {
  /** The address, with the real port also if port 0 was asked for. */
  readonly address: ListenAddress;
  /** Accepts no more connections. Settles when the last one is closed. */
  close(): Promise<void>;
  /** Closes all connections now. */
  destroyAll(): void;
}

/** The first bytes of every HTTP/2 connection. */
const HTTP2_PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

/**
 * Listens at an address for both HTTP/2 and HTTP/1.1. With TLS, the handshake (ALPN) says which
 * protocol a client uses; without TLS, the first bytes do.
 *
 * @throws ListenError when it cannot listen at the address
 */
export async function openProtocolListener(
  address: ListenAddress,
  options: ProtocolListenerOptions,
): Promise<ProtocolListener> {
  const { report, maxPending } = options;
  const pending = new PendingSockets(maxPending);
  const server =
    address.kind === "tls"
      ? createEncryptedServer(options, pending)
      : createPlainServer(options, pending);
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  const { bound, release } = await listen(server, address);
  server.on("error", (error) => report(error, "server"));
  return {
    address: bound,
    close: () =>
      new Promise((resolve) => {
        release();
        server.close(() => resolve());
        pending.destroyAll();
      }),
    destroyAll() {
      for (const socket of sockets) socket.destroy();
    },
  };
}

function createPlainServer(options: ProtocolListenerOptions, pending: PendingSockets): Server {
  // Half-open, for clients of HTTP/1.1 that close their side after their request.
  return createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
    socket.on("error", ignore);
    pending.add(socket);
    detectProtocol(socket, options, pending);
  });
}

function createEncryptedServer(options: ProtocolListenerOptions, pending: PendingSockets): Server {
  const { tls, handshakeTimeoutMs, onHandshakeError, onHttp1, onHttp2 } = options;
  if (tls === undefined) throw new Error("a tls address needs a certificate");
  const server = createTlsServer({
    cert: tls.certificate,
    key: tls.key,
    minVersion: "TLSv1.2",
    ALPNProtocols: ["h2", "http/1.1"],
    handshakeTimeout: handshakeTimeoutMs,
    noDelay: true,
    ...(tls.clientAuthority === undefined
      ? {}
      : { ca: tls.clientAuthority, requestCert: true, rejectUnauthorized: true }),
  });
  // A TLSSocket does not reveal its connection, but both have the same peer.
  const shaking = new Map<string, Socket>();
  server.on("connection", (socket: Socket) => {
    const peer = peerOf(socket);
    pending.add(socket);
    shaking.set(peer, socket);
    socket.once("close", () => {
      if (shaking.get(peer) === socket) shaking.delete(peer);
    });
  });
  server.on("secureConnection", (socket: TLSSocket) => {
    const below = shaking.get(peerOf(socket));
    if (below !== undefined) pending.remove(below);
    socket.on("error", ignore);
    if (socket.alpnProtocol === "h2") onHttp2(socket);
    else onHttp1(socket);
  });
  server.on("tlsClientError", (error) => onHandshakeError(error));
  return server;
}

/** Reads until the protocol is known, puts the bytes back, and passes the socket on. */
function detectProtocol(
  socket: Socket,
  { onHttp1, onHttp2, handshakeTimeoutMs }: ProtocolListenerOptions,
  pending: PendingSockets,
): void {
  const held: Buffer[] = [];
  const giveUp = setTimeout(() => socket.destroy(), handshakeTimeoutMs);
  giveUp.unref();
  const look = (): void => {
    for (let chunk = read(socket); chunk !== null; chunk = read(socket)) held.push(chunk);
    const first = Buffer.concat(held);
    const known = HTTP2_PREFACE.subarray(0, first.length);
    const isHttp2 = first.subarray(0, known.length).equals(known);
    if (isHttp2 && first.length < HTTP2_PREFACE.length) {
      if (first.length > 0) pending.heard(socket);
      return;
    }
    stop();
    socket.unshift(first);
    socket.allowHalfOpen = !isHttp2;
    if (isHttp2) onHttp2(socket);
    else onHttp1(socket);
  };
  const stop = (): void => {
    clearTimeout(giveUp);
    pending.remove(socket);
    socket.off("readable", look);
    socket.off("end", leave);
    socket.off("close", stop);
  };
  const leave = (): void => void socket.destroy();
  socket.on("readable", look);
  socket.on("end", leave);
  socket.on("close", stop);
}

function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

function read(socket: Socket): Buffer | null {
  return socket.read() as Buffer | null;
}

interface Bound {
  readonly bound: ListenAddress;
  readonly release: () => void;
}

async function listen(server: Server, address: ListenAddress): Promise<Bound> {
  if (address.kind === "unix") {
    const { release } = await listenOnUnixSocket(server, address.path);
    return { bound: address, release };
  }
  const port = await listenOnTcp(server, address.host, address.port);
  return { bound: { ...address, port }, release: ignore };
}

/** The error of a connection concerns only its client. */
function ignore(): void {}
