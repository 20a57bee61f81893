import { ListenError } from "./listen-error.js";

/** Where a server listens. */
export type ListenAddress =
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number };

const TCP_ADDRESS = /^(?:\[(?<ipv6>[0-9A-Fa-f:.]+)\]|(?<name>[^:/[\]@?#\s]+)):(?<port>\d{1,5})$/;

/**
 * Reads an address as people and the host write it: `unix:///path`, a plain
 * path, or `tcp://host:port` (IPv6 in brackets; port 0: any free one).
 *
 * @throws ListenError naming the text, for anything else
 */
export function parseListenAddress(text: string): ListenAddress {
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(text)?.[1]?.toLowerCase();
  switch (scheme) {
    case undefined:
      return unixAddress(text.startsWith("unix:") ? text.slice("unix:".length) : text, text);
    case "unix":
      return unixAddress(text.slice("unix://".length), text);
    case "tcp":
      return tcpAddress(text.slice("tcp://".length), text);
    default:
      throw new ListenError(
        `unknown scheme "${scheme}" in address "${text}": use unix:///path or tcp://host:port`,
      );
  }
}

/** The address as {@link parseListenAddress} reads it and clients take it. */
export function formatListenAddress(address: ListenAddress): string {
  if (address.kind === "unix") return `unix://${address.path}`;
  const host = address.host.includes(":") ? `[${address.host}]` : address.host;
  return `tcp://${host}:${address.port}`;
}

function unixAddress(path: string, text: string): ListenAddress {
  if (path.trim() === "") throw new ListenError(`address "${text}" has no path`);
  if (path.includes("\0")) {
    throw new ListenError(`address ${JSON.stringify(text)} has a NUL character in its path`);
  }
  return { kind: "unix", path };
}

function tcpAddress(hostAndPort: string, text: string): ListenAddress {
  const { ipv6, name, port } = TCP_ADDRESS.exec(hostAndPort)?.groups ?? {};
  const host = ipv6 ?? name;
  if (host === undefined || port === undefined || Number(port) > 65_535) {
    throw new ListenError(`address "${text}" is not tcp://host:port with a port up to 65535`);
  }
  return { kind: "tcp", host, port: Number(port) };
}
