import {
  formatListenAddress,
  parseListenAddress,
  type PlainListenAddress,
} from "../server/listen-address.js";
import { createDefaultSocketPath } from "./default-socket.js";
import { UsageError } from "./usage-error.js";

/** Hosts that only this machine can reach. */
const LOOPBACK_HOST = /^(localhost|127(\.\d{1,3}){3}|::1)$/i;

/**
 * Where a server listens: what `--listen` says, or a private socket.
 *
 * @throws UsageError when the text is no address, or one that other machines reach:
 *   there is nothing yet by which they would have to prove who they are
 */
export function listenAddressFromFlag(listen: string | undefined): PlainListenAddress {
  if (listen === undefined) return { kind: "unix", path: createDefaultSocketPath(process.env) };
  const address = parseAddress(listen);
  if (address.kind === "tcp" && !LOOPBACK_HOST.test(address.host)) {
    throw new UsageError(
      `--listen ${listen} would be open to other machines; use a loopback address such as tcp://127.0.0.1:${address.port}`,
    );
  }
  return address;
}

/** What a client's GESTALT_CACHE_SOCKET says to reach a server; a plain path for a Unix socket. */
export function cacheSocketFrom(address: PlainListenAddress): string {
  return address.kind === "unix" ? address.path : formatListenAddress(address);
}

function parseAddress(text: string): PlainListenAddress {
  try {
    const address = parseListenAddress(text);
    if (address.kind !== "tls") return address;
  } catch (error) {
    throw new UsageError(`--listen: ${error instanceof Error ? error.message : String(error)}`);
  }
  throw new UsageError(`--listen ${text}: use unix:///path or tcp://host:port`);
}
