import type { OutgoingHttpHeaders } from "node:http";
// Made by scripts/build-page.mjs of the sources in page/.
import { document, scriptHash, styleHash } from "#page";

/** The page: one HTML file that loads nothing else. */
export const PAGE_DOCUMENT = document;

/**
 * The headers of the page. Its one script and one style are named by their hashes, it asks only
 * the server that it came from, and no other page may frame it or read it.
 */
export const PAGE_HEADERS: OutgoingHttpHeaders = {
  "content-type": "text/html; charset=utf-8",
  "content-length": Buffer.byteLength(document),
  "cache-control": "no-store",
  "content-security-policy": [
    "default-src 'none'",
    `script-src '${scriptHash}'`,
    `style-src '${styleHash}'`,
    "img-src data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; "),
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};
