import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";

/** Serves one request, which arrived over HTTP/2. */
export type Dispatch = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;
