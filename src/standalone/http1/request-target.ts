import type { IncomingMessage } from "node:http";

/**
 * Turns a request target in absolute form, such as `http://localhost/metrics`, into the
 * usual path and query. Clients of proxies send it, and every server must
 * accept it. Its authority replaces the Host header (RFC 9112, section 3.2.2). Other targets,
 * and one without a host, stay as they are.
 */
export function takeAbsoluteTarget(request: Pick<IncomingMessage, "url" | "headers">): void {
  const [, authority, rest = ""] = /^https?:\/\/([^/?#]+)(.*)$/is.exec(request.url ?? "") ?? [];
  if (authority === undefined) return;
  // A name and a password may precede an "@"; they are not part of the host.
  request.headers.host = authority.slice(authority.lastIndexOf("@") + 1);
  request.url = rest.startsWith("/") ? rest : `/${rest}`;
}
