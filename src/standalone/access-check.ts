import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { RELAY_TOKEN_HEADER } from "../rpc/host-headers.js";
import type { Refusal } from "./refusal.js";

/** Returns why a request to a path is refused; undefined for a request that may be served. */
export type AccessCheck = (
  path: string | undefined,
  headers: IncomingHttpHeaders,
) => Refusal | undefined;

/**
 * The path that is served without a token, for probes of orchestrators, which cannot send one.
 * It reveals only that the server runs.
 */
const OPEN_PATH = "/grpc.health.v1.Health/Check";

/**
 * Creates the check of every request.
 *
 * With a token, a request must have it in the header that hosts send, or as
 * `authorization: Bearer`, which monitoring systems send.
 *
 * Without a token, requests that a browser makes for a web page are refused: a page from
 * anywhere runs inside the network of its reader.
 */
export function createAccessCheck(token: string | undefined): AccessCheck {
  if (token === undefined) return refuseBrowsers;
  const expected = digest(token);
  return (path, headers) => {
    if (path === OPEN_PATH) return undefined;
    const sent = tokenFrom(headers);
    if (sent === undefined) return { reason: "unauthenticated", message: MISSING };
    // Digests have the same length, and the time to compare them reveals nothing of the token.
    if (timingSafeEqual(digest(sent), expected)) return undefined;
    return { reason: "unauthenticated", message: "the token is wrong" };
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
  const message = "requests of web pages (with an Origin header) need a token";
  return { reason: "permission_denied", message };
}
