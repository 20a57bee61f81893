import { CacheError } from "../contract/cache-error.js";

/** Where a client connects to. `tcp` is plaintext HTTP/2. */
export type CacheTarget =
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "tcp" | "tls"; readonly host: string; readonly port: number };

/** The forms that {@link parseCacheTarget} reads, as messages and help show them. */
export const CACHE_TARGET_FORMS = "a socket path, unix:///path, tcp://host:port or tls://host:port";

/** Longest socket path in bytes; Node cuts longer ones short and connects elsewhere. */
const MAX_SOCKET_PATH_BYTES = process.platform === "linux" ? 107 : 103;

/**
 * A host and a port. The host has none of the characters that URLs read as something
 * else (a path, a query, user information, an escape) or drop (white space).
 */
const HOST_AND_PORT = /^(\[[^\s/\\?#@%[\]]+\]|[^\s/\\?#@%[\]:]+):(\d{1,5})$/;

/**
 * Reads a target: a plain path, `unix:///path`, `tcp://host:port` or
 * `tls://host:port`. White space around it is ignored. IPv6 addresses are in brackets,
 * without a zone. A host is returned as URLs write it: `LOCALHOST` as `localhost`,
 * `127.1` as `127.0.0.1`, `bücher.example` as `xn--bcher-kva.example`, an IPv6 address
 * compressed and without its brackets.
 *
 * @param source - the variable or option it came from, named in errors
 * @throws CacheError `invalid_argument` for anything else
 */
export function parseCacheTarget(text: string, source: string): CacheTarget {
  const refuse = (problem: string): never => {
    throw new CacheError("invalid_argument", `${source}: ${problem}; use ${CACHE_TARGET_FORMS}`);
  };
  const target = text.trim();
  if (target === "") return refuse("target is empty");
  const separator = target.indexOf("://");
  const scheme = separator < 0 ? "unix" : target.slice(0, separator).toLowerCase();
  // Servers listen at "unix:/path", too.
  const rest = separator < 0 ? target.replace(/^unix:/i, "") : target.slice(separator + 3).trim();
  switch (scheme) {
    case "unix": {
      if (rest === "") return refuse(`no path in ${JSON.stringify(target)}`);
      if (rest.includes("\0")) return refuse(`NUL character in path ${JSON.stringify(target)}`);
      const bytes = Buffer.byteLength(rest);
      if (bytes > MAX_SOCKET_PATH_BYTES) {
        return refuse(`socket path has ${bytes} bytes, at most ${MAX_SOCKET_PATH_BYTES} work`);
      }
      return { kind: "unix", path: rest };
    }
    case "tcp":
    case "tls": {
      const [, written, port] = HOST_AND_PORT.exec(rest) ?? [];
      if (written === undefined || Number(port) < 1 || Number(port) > 65_535) {
        return refuse(`expected host:port in ${JSON.stringify(target)}`);
      }
      const host = hostAsInUrls(written);
      if (host === undefined) {
        return refuse(`invalid host ${JSON.stringify(written)} in ${JSON.stringify(target)}`);
      }
      return { kind: scheme, host, port: Number(port) };
    }
    default:
      return refuse(`unsupported scheme ${JSON.stringify(scheme)} in ${JSON.stringify(target)}`);
  }
}

/** A target as one would write it. */
export function formatCacheTarget(target: CacheTarget): string {
  if (target.kind === "unix") return `unix://${target.path}`;
  return `${target.kind}://${formatHost(target.host)}:${target.port}`;
}

/**
 * The origin that requests to a target are for, as `URL` and Connect write it: without
 * the scheme's default port.
 */
export function originOf(target: CacheTarget): string {
  // A socket path is not an authority, and some servers crash on one that resembles it.
  if (target.kind === "unix") return "http://localhost";
  const scheme = target.kind === "tls" ? "https" : "http";
  return new URL(`${scheme}://${formatHost(target.host)}:${target.port}`).origin;
}

/** A host as URLs write it: IPv6 addresses in brackets. */
function formatHost(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

/** @returns undefined for a host that no URL can hold, such as `1.2.3.256` or `a b` */
function hostAsInUrls(written: string): string | undefined {
  const url = `http://${written}`;
  if (!URL.canParse(url)) return undefined;
  return new URL(url).hostname.replace(/^\[(.*)\]$/, "$1");
}
