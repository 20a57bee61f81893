import { EXPOSITION_CONTENT_TYPE } from "./metrics/exposition.js";
import type { Responder } from "./responder.js";

/** What a request that is no call asks for. */
export interface PageRequest {
  readonly method: string | undefined;
  /** The path, perhaps with a query. */
  readonly url: string | undefined;
}

const TEXT = "text/plain; charset=utf-8";

/** Answers what is no call (calls are always POST): there is `/metrics`, and nothing else. */
export function servePage(
  { method, url }: PageRequest,
  answer: Responder,
  metrics: () => string,
): void {
  if (method !== "GET" && method !== "HEAD") {
    send(answer, 405, TEXT, "there is GET /metrics, and calls are made with POST\n");
  } else if (url?.split("?", 1)[0] === "/metrics") {
    send(answer, 200, EXPOSITION_CONTENT_TYPE, metrics(), method);
  } else {
    send(answer, 404, TEXT, "not found; there is /metrics, and calls are made with POST\n", method);
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
