import type { IncomingHttpHeaders } from "node:http";
import type { Refusal } from "../refusal.js";

/**
 * Says why a request of a web page may not be served: its Origin must be the server that it
 * asks. A request without an Origin is a navigation, or comes from a program that is no browser.
 *
 * Check the Host header first: a page whose name was made to resolve to this machine has the
 * same Origin as the server it asks.
 */
export function originRefusal({ origin, host }: IncomingHttpHeaders): Refusal | undefined {
  if (origin === undefined || origin === `http://${host}`) return undefined;
  const shown = JSON.stringify(origin.slice(0, MAX_SHOWN));
  return { reason: "permission_denied", message: `requests of pages of ${shown} are not served` };
}

/** How much of an Origin the answer repeats, in characters. */
const MAX_SHOWN = 200;
