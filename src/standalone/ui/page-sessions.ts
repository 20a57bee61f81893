import { createHash, randomBytes } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { Refusal } from "../refusal.js";

/** The bytes of a token: too many to guess. */
const TOKEN_BYTES = 32;

/**
 * Who may use the page. A link holds a token that works once: it is exchanged for a session,
 * which the page sends with each request. Both are kept as digests only.
 */
export class PageSessions {
  #linkDigest: string | undefined;
  readonly #sessionDigests = new Set<string>();

  /** Returns the token of a new link. The token of the link before stops working. */
  createLinkToken(): string {
    const token = createToken();
    this.#linkDigest = digest(token);
    return token;
  }

  /** Exchanges the token of a link for a session; undefined when it is wrong or used. */
  open(linkToken: string): string | undefined {
    // A lookup by digest takes the same time for every wrong token.
    if (digest(linkToken) !== this.#linkDigest) return undefined;
    this.#linkDigest = undefined;
    const session = createToken();
    this.#sessionDigests.add(digest(session));
    return session;
  }

  /** Says why a request may not be served: it must send a session as `authorization: Bearer`. */
  refusalOf({ authorization }: IncomingHttpHeaders): Refusal | undefined {
    const session = /^Bearer +(.+)$/i.exec(authorization ?? "")?.[1];
    if (session !== undefined && this.#sessionDigests.has(digest(session))) return undefined;
    const message = "a session of the page is required: open the page with a link that is new";
    return { reason: "unauthenticated", message };
  }
}

function createToken(): string {
  return randomBytes(TOKEN_BYTES).toString("base64url");
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
