import type { IncomingHttpHeaders } from "node:http";
import { isIPv4, type Socket } from "node:net";
import { formatHost } from "../contract/address.js";
import type { ListenAddress } from "../server/listen/listen-address.js";
import type { Refusal } from "./refusal.js";

/** A request for a page or a call of Control, and the socket that it came from. */
export interface PageArrival {
  readonly headers: IncomingHttpHeaders;
  /** The path, or all of an `http:` URL, which then counts instead of the Host header. */
  readonly target: string | undefined;
  readonly socket: (Pick<Socket, "localAddress"> & { readonly encrypted?: boolean }) | undefined;
}

/** Returns why a page is refused; undefined for a page that may be served. */
export type PageCheck = (arrival: PageArrival) => Refusal | undefined;

/**
 * Creates the check of pages, such as `/metrics`, and of Control, for a server without a token.
 *
 * On a loopback address, a request must name a loopback host, or a host that the server listens
 * on. The owner of any other name may have made it resolve to this machine, so that web pages of
 * that name can read the pages here (DNS rebinding); a browser sends no Origin with such a
 * request. Over TLS, the browser compares the name with the certificate.
 *
 * Calls of other services are not checked: browsers send an Origin with POST, and gRPC clients
 * send any authority.
 */
export function createPageCheck(addresses: readonly ListenAddress[]): PageCheck {
  const ownHosts = new Set(
    addresses.flatMap((address) =>
      address.kind === "unix" ? [] : [hostOf(formatHost(address.host))],
    ),
  );
  return ({ headers, target, socket }) => {
    if (socket?.localAddress === undefined || socket.encrypted === true) return undefined;
    if (!isLoopbackHost(socket.localAddress)) return undefined;
    for (const authority of authoritiesOf(headers, target)) {
      const host = hostOf(authority);
      if (host !== undefined && (isLoopbackHost(host) || ownHosts.has(host))) continue;
      return {
        reason: "permission_denied",
        message:
          `pages and Control are not served for the host ${JSON.stringify(authority.slice(0, MAX_SHOWN))} ` +
          "on a loopback address: use localhost or 127.0.0.1, or a token",
      };
    }
    return undefined;
  };
}

/** How much of a host an error message repeats, in characters. */
const MAX_SHOWN = 200;

/** Returns the hosts that a request names; none for clients of HTTP/1.0. */
function authoritiesOf(headers: IncomingHttpHeaders, target = ""): readonly string[] {
  const absolute = /^https?:\/\/([^/?#]*)/i.exec(target)?.[1];
  if (absolute !== undefined) return [absolute];
  const authority = headers[":authority"];
  return [authority, headers.host].filter((value) => typeof value === "string");
}

/** A host with or without a port. The host has no character that URLs read as something else. */
const AUTHORITY = /^(\[[^\s/\\?#@%[\]]+\]|[^\s/\\?#@%[\]:]+)(?::\d*)?$/;

/**
 * Returns the host of an authority as URLs write it, but without brackets and final dot: an address
 * has many forms, of which clients send any. Returns undefined for any other authority.
 */
function hostOf(authority: string): string | undefined {
  const url = `http://${AUTHORITY.exec(authority)?.[1] ?? ""}`;
  if (!URL.canParse(url)) return undefined;
  return new URL(url).hostname.replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "");
}

/** Returns true for loopback addresses, and names that resolve only to them (RFC 6761, section 6.3). */
function isLoopbackHost(host: string): boolean {
  if (isIPv4(host)) return host.startsWith("127.");
  // An IPv4 address in IPv6: `::ffff:127.0.0.1` as systems write it, `::ffff:7f00:1` as URLs do.
  if (/^::ffff:(?:127\.|7f[0-9a-f]{2}:)/.test(host)) return true;
  return host === "::1" || host === "localhost" || host.endsWith(".localhost");
}
