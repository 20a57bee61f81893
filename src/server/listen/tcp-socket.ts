import type { Server } from "node:net";
import { LISTEN_BACKLOG } from "./backlog.js";
import { ListenError, systemErrorCode } from "./listen-error.js";

/**
 * Makes `server` listen on a TCP port.
 *
 * @returns the port; the system chooses it for port 0
 * @throws ListenError with the address and the reason
 */
export async function listenOnTcp(server: Server, host: string, port: number): Promise<number> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ host, port, backlog: LISTEN_BACKLOG }, resolve);
    });
  } catch (error) {
    const code = systemErrorCode(error);
    const reason =
      code === "EADDRINUSE"
        ? "the port is in use"
        : code === "EACCES"
          ? "no permission for this port"
          : code === "ENOTFOUND" || code === "EADDRNOTAVAIL" || code === "EAI_AGAIN"
            ? "this machine has no such address"
            : error instanceof Error
              ? error.message
              : String(error);
    throw new ListenError(`cannot listen on ${host}:${port}: ${reason}`, { cause: error });
  }
  const bound = server.address();
  return typeof bound === "object" && bound !== null ? bound.port : port;
}
