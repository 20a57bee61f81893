import { EXPOSITION_CONTENT_TYPE } from "./metrics/exposition.js";
import type { Responder } from "./responder.js";

/** A request that is not a call. */
export interface PageRequest {
  readonly method: string | undefined;
  /** The path, with its query if it has one. */
  readonly url: string | undefined;
}

const TEXT = "text/plain; charset=utf-8";

/** Responds to a request that is not a call. `/metrics` is the only page; calls are always POST. */
export function servePage(
  { method, url }: PageRequest,
  answer: Responder,
  metrics: () => string,
): void {
  if (method !== "GET" && method !== "HEAD") {
    send(answer, 405, TEXT, "method not allowed; use GET for /metrics, and POST for calls\n");
  } else if (url?.split("?", 1)[0] === "/metrics") {
    send(answer, 200, EXPOSITION_CONTENT_TYPE, metrics(), method);
  } else {
    send(answer, 404, TEXT, "not found; the only page is /metrics, and calls use POST\n", method);
  }
}

function send(
  answer: Responder,
  status: number,
  type: string,
  body: string,
  method?: string,
): void {
  const headers = {
    "content-type": type,
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    ...(status === 405 ? { allow: "GET, HEAD, POST" } : {}),
  };
  if (method === "HEAD") answer(status, headers);
  else answer(status, headers, body);
}
