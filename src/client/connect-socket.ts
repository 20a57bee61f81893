import net from "node:net";
import { clearTimeout, setTimeout } from "node:timers";
import tls from "node:tls";
import type { CacheTarget } from "./cache-target.js";

/** How a `tls://` target is checked, and how the client proves who it is. PEM texts. */
export interface CacheTlsOptions {
  /** Certificates to trust instead of the well-known authorities. */
  readonly ca?: string | Buffer | undefined;
  /** The client's certificate, for servers that ask for one. */
  readonly cert?: string | Buffer | undefined;
  /** The key of `cert`. */
  readonly key?: string | Buffer | undefined;
  /** The name that the server's certificate must carry; default: the target's host. */
  readonly serverName?: string | undefined;
}

/** Opens a socket to a target. It fails by itself when nothing answers within `timeoutMs`. */
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
        // An address is no server name; the certificate is then checked by address.
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
 * A host that drops packets leaves a connecting socket open for minutes, which
 * would hold up later calls and the end of the process.
 */
function limitConnecting(socket: net.Socket, ready: string, timeoutMs: number): net.Socket {
  if (timeoutMs <= 0) return socket;
  const giveUp = (): void => {
    const error: NodeJS.ErrnoException = new Error(`no answer within ${timeoutMs} ms`);
    error.code = "ETIMEDOUT";
    socket.destroy(error);
  };
  const timer = setTimeout(giveUp, timeoutMs);
  const stop = (): void => clearTimeout(timer);
  socket.once(ready, stop);
  socket.once("close", stop);
  return socket;
}
