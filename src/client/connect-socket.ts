import net from "node:net";
import { clearTimeout, setTimeout } from "node:timers";
import tls from "node:tls";
import type { CacheTarget } from "./cache-target.js";

/** Certificates for `tls://` targets, as PEM. */
export interface CacheTlsOptions {
  /** The CA certificates to trust in place of Node's. */
  readonly ca?: string | Buffer | undefined;
  /** The client's certificate, for servers that request one. */
  readonly cert?: string | Buffer | undefined;
  /** The private key of `cert`. */
  readonly key?: string | Buffer | undefined;
  /** The name that the server's certificate must be for. Default: the host of the target. */
  readonly serverName?: string | undefined;
}

/**
 * Opens a socket to a target. Over a network it fails with ETIMEDOUT when it is not connected, TLS
 * included, within `timeoutMs`; 0 for no limit.
 */
export function connectSocket(
  target: CacheTarget,
  options: { readonly tls: CacheTlsOptions; readonly timeoutMs: number },
): net.Socket {
  switch (target.kind) {
    case "unix":
      return net.connect({ path: target.path });
    case "tcp": {
      const socket = net.connect({ host: target.host, port: target.port, noDelay: true });
      return limitConnecting(socket, "connect", options.timeoutMs);
    }
    case "tls": {
      const { ca, cert, key, serverName = target.host } = options.tls;
      const socket = tls.connect({
        host: target.host,
        port: target.port,
        ALPNProtocols: ["h2"],
        // An IP address cannot be a server name (RFC 6066); Node checks the certificate's addresses.
        ...(net.isIP(serverName) === 0 ? { servername: serverName } : {}),
        ...(ca === undefined ? {} : { ca }),
        ...(cert === undefined ? {} : { cert }),
        ...(key === undefined ? {} : { key }),
      });
      socket.setNoDelay(true);
      return limitConnecting(socket, "secureConnect", options.timeoutMs);
    }
  }
}

/**
 * Limits the time to connect. A host that drops packets leaves a socket connecting for minutes,
 * which would delay later calls and keep the process alive.
 */
function limitConnecting(socket: net.Socket, ready: string, timeoutMs: number): net.Socket {
  if (timeoutMs <= 0) return socket;
  const giveUp = (): void => {
    const error: NodeJS.ErrnoException = new Error(`not connected within ${timeoutMs} ms`);
    error.code = "ETIMEDOUT";
    socket.destroy(error);
  };
  const timer = setTimeout(giveUp, timeoutMs);
  const stop = (): void => clearTimeout(timer);
  socket.once(ready, stop);
  socket.once("close", stop);
  return socket;
}
