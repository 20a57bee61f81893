import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { RELAY_TOKEN_HEADER } from "../rpc/host-headers.js";
import type { Refusal } from "./refusal.js";

/** Says why a request to a path may not be served; undefined when it may. */
export type AccessCheck = (
  path: string | undefined,
  headers: IncomingHttpHeaders,
) => Refusal | undefined;

/**
 * Served without a token: what probes of orchestrators call, which cannot send
 * one. It tells nothing but that the server runs.
 */
const OPEN_PATH = "/grpc.health.v1.Health/Check";

/**
 * Makes the check that stands before every request.
 *
 * With a token, a request must bring it in the header by which hosts send it, or as
 * `authorization: Bearer`, which monitoring systems know.
 *
 * Without one, requests that a browser makes for a page are refused. The network
 * keeps others out, but a page from anywhere runs inside it.
 */
export function createAccessCheck(token: string | undefined): AccessCheck {
  if (token === undefined) return refuseBrowsers;
  const expected = digest(token);
  return (path, headers) => {
    if (path === OPEN_PATH) return undefined;
    const sent = tokenFrom(headers);
    if (sent === undefined) return { reason: "unauthenticated", message: MISSING };
    // Digests have one length, and comparing them tells nothing of the token itself.
    if (timingSafeEqual(digest(sent), expected)) return undefined;
    return { reason: "unauthenticated", message: "the token is not the one that is expected" };
  };
}

const MISSING = `a token is required: send it as ${RELAY_TOKEN_HEADER}, or as authorization: Bearer`;

function tokenFrom(headers: IncomingHttpHeaders): string | undefined {
  const sent = headers[RELAY_TOKEN_HEADER];
  if (typeof sent === "string") return sent;
  return /^Bearer +(.+)$/i.exec(headers.authorization ?? "")?.[1];
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function refuseBrowsers(
  _path: string | undefined,
  headers: IncomingHttpHeaders,
): Refusal | undefined {
  if (headers.origin === undefined) return undefined;
  const message = "requests of web pages (with an Origin header) are served only with a token";
  return { reason: "permission_denied", message };
}
