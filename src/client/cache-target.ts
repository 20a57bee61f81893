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
 * Reads a target: a plain path, `unix:///path`, `tcp://host:port` or
 * `tls://host:port`. White space around it is ignored; IPv6 hosts stand in brackets.
 *
 * @param source - the variable or option it came from, named in errors
 * @throws CacheError `invalid_argument` for anything else
 */
export function parseCacheTarget(text: string, source: string): CacheTarget {
  const target = text.trim();
  const refuse = (problem: string): never => {
    throw new CacheError("invalid_argument", `${source}: ${problem}; use ${CACHE_TARGET_FORMS}`);
  };
  if (target === "") return refuse("target is empty");
  const separator = target.indexOf("://");
  const scheme = separator < 0 ? "unix" : target.slice(0, separator).toLowerCase();
  // Servers listen at "unix:/path", too.
  const rest = separator < 0 ? target.replace(/^unix:/i, "") : target.slice(separator + 3).trim();
  switch (scheme) {
    case "unix": {
      if (rest === "") return refuse(`no path in ${JSON.stringify(target)}`);
      const bytes = Buffer.byteLength(rest);
      if (bytes > MAX_SOCKET_PATH_BYTES) {
        return refuse(`socket path has ${bytes} bytes, at most ${MAX_SOCKET_PATH_BYTES} work`);
      }
      return { kind: "unix", path: rest };
    }
    case "tcp":
    case "tls": {
      const match = /^(?:\[([^[\]]+)\]|([^:/[\]]+)):(\d{1,5})$/.exec(rest);
      const host = match?.[1] ?? match?.[2];
      const port = Number(match?.[3]);
      if (host === undefined || port < 1 || port > 65_535) {
        return refuse(`expected host:port in ${JSON.stringify(target)}`);
      }
      return { kind: scheme, host, port };
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

/** A host as URLs write it: IPv6 addresses in brackets. */
export function formatHost(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
