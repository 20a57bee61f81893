/** Where a server listens or a client connects. `tcp` is plaintext. */
export type Address =
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "tcp" | "tls"; readonly host: string; readonly port: number };

/** The forms that {@link parseAddress} reads, as messages and help texts show them. */
export const ADDRESS_FORMS = "a socket path, unix:///path, tcp://host:port or tls://host:port";

/**
 * A host and a port. The host has none of the characters that URLs read as something
 * else (a path, a query, user information, an escape) or drop (white space).
 */
const HOST_AND_PORT = /^(\[[^\s/\\?#@%[\]]+\]|[^\s/\\?#@%[\]:]+):(\d{1,5})$/;

const MAX_PORT = 65_535;

/**
 * Reads an address: a path, `unix:/path`, `unix:///path`, `tcp://host:port` or
 * `tls://host:port`. White space around it is ignored. IPv6 addresses are in brackets,
 * without a zone. A host is returned as URLs write it: `LOCALHOST` as `localhost`,
 * `127.1` as `127.0.0.1`, `bücher.example` as `xn--bcher-kva.example`, an IPv6 address
 * compressed and without its brackets.
 *
 * @param minPort - 0 where the system may choose the port, otherwise 1
 * @param refuse - called with the problem of any other text; throws
 */
export function parseAddress(
  text: string,
  minPort: 0 | 1,
  refuse: (problem: string) => never,
): Address {
  const fail = (problem: string): never => refuse(`${problem}; use ${ADDRESS_FORMS}`);
  const address = text.trim();
  if (address === "") return fail("address is empty");
  const quoted = JSON.stringify(address);
  const separator = address.indexOf("://");
  const scheme = separator < 0 ? "unix" : address.slice(0, separator).toLowerCase();
  const rest = separator < 0 ? address.replace(/^unix:/i, "") : address.slice(separator + 3).trim();
  switch (scheme) {
    case "unix":
      if (rest === "") return fail(`no path in ${quoted}`);
      if (rest.includes("\0")) return fail(`NUL character in path ${quoted}`);
      return { kind: "unix", path: rest };
    case "tcp":
    case "tls": {
      const [, written, port] = HOST_AND_PORT.exec(rest) ?? [];
      if (written === undefined || Number(port) < minPort || Number(port) > MAX_PORT) {
        return fail(`expected host:port in ${quoted}, with a port from ${minPort} to ${MAX_PORT}`);
      }
      const host = hostAsInUrls(written);
      if (host === undefined) return fail(`invalid host ${JSON.stringify(written)} in ${quoted}`);
      return { kind: scheme, host, port: Number(port) };
    }
    default:
      return fail(`unsupported scheme ${JSON.stringify(scheme)} in ${quoted}`);
  }
}

/** Returns an address as {@link parseAddress} reads it. */
export function formatAddress(address: Address): string {
  if (address.kind === "unix") return `unix://${address.path}`;
  return `${address.kind}://${formatHost(address.host)}:${address.port}`;
}

/** Returns a host as URLs write it: IPv6 addresses in brackets. */
export function formatHost(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

/** @returns undefined for a host that no URL can hold, such as `1.2.3.256` or `a b` */
function hostAsInUrls(written: string): string | undefined {
  const url = `http://${written}`;
  if (!URL.canParse(url)) return undefined;
  return new URL(url).hostname.replace(/^\[(.*)\]$/, "$1");
}
