import { ListenError } from "./listen-error.js";

/** Where a server listens without encryption. */
export type PlainListenAddress =
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number };

/** Where a server listens. */
export type ListenAddress =
  PlainListenAddress | { readonly kind: "tls"; readonly host: string; readonly port: number };

const HOST_AND_PORT = /^(?:\[(?<ipv6>[0-9A-Fa-f:.]+)\]|(?<name>[^:/[\]@?#\s]+)):(?<port>\d{1,5})$/;

/**
 * Reads an address as people and the host write it: `unix:///path`, a plain
 * path, `tcp://host:port` or `tls://host:port` (IPv6 in brackets; port 0: any free one).
 *
 * @throws ListenError naming the text, for anything else
 */
export function parseListenAddress(text: string): ListenAddress {
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(text)?.[1]?.toLowerCase();
  switch (scheme) {
    case undefined:
      return unixAddress(text.replace(/^unix:/i, ""), text);
    case "unix":
      return unixAddress(text.slice("unix://".length), text);
    case "tcp":
    case "tls":
      return { kind: scheme, ...hostAndPortFrom(text, scheme) };
    default:
      throw new ListenError(
        `unknown scheme "${scheme}" in address "${text}": use unix:///path, tcp://host:port or tls://host:port`,
      );
  }
}

/** The address as {@link parseListenAddress} reads it and clients take it. */
export function formatListenAddress(address: ListenAddress): string {
  if (address.kind === "unix") return `unix://${address.path}`;
  const host = address.host.includes(":") ? `[${address.host}]` : address.host;
  return `${address.kind}://${host}:${address.port}`;
}

function unixAddress(path: string, text: string): ListenAddress {
  if (path.trim() === "") throw new ListenError(`address "${text}" has no path`);
  if (path.includes("\0")) {
    throw new ListenError(`address ${JSON.stringify(text)} has a NUL character in its path`);
  }
  return { kind: "unix", path };
}

function hostAndPortFrom(text: string, scheme: string): { host: string; port: number } {
  const { ipv6, name, port } = HOST_AND_PORT.exec(text.slice(`${scheme}://`.length))?.groups ?? {};
  const host = ipv6 ?? name;
  if (host === undefined || port === undefined || Number(port) > 65_535) {
    throw new ListenError(`address "${text}" is not ${scheme}://host:port with a port up to 65535`);
  }
  return { host, port: Number(port) };
}
