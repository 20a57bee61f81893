import http, { type IncomingHttpHeaders, type OutgoingHttpHeaders } from "node:http";
import http2 from "node:http2";
import net from "node:net";

/** A request over HTTP/1.1 or HTTP/2; by default a GET without a body. */
export interface HttpRequest {
  readonly path: string;
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Uint8Array;
}

/** A response. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Where to connect, as `net.connect` expects it. */
export type Place = { readonly socketPath: string } | { readonly port: number };

/** Opens a plain connection. */
export function connectTo(place: Place): net.Socket {
  return "port" in place
    ? net.connect(place.port, "127.0.0.1")
    : net.connect({ path: place.socketPath });
}

/** One request over HTTP/1.1, on a connection of its own. */
export function requestHttp1(place: Place, request: HttpRequest): Promise<HttpAnswer> {
  const { path, method = "GET", headers = {}, body } = request;
  return new Promise((resolve, reject) => {
    const sent = http.request({ ...place, host: "127.0.0.1", path, method, headers, agent: false });
    sent.once("error", reject);
    sent.once("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.once("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      );
    });
    sent.end(body);
  });
}

/** One request over HTTP/2, on a connection of its own. */
export function requestHttp2(place: Place, request: HttpRequest): Promise<HttpAnswer> {
  const { path, method = "GET", headers = {}, body } = request;
  const session = http2.connect("http://localhost", { createConnection: () => connectTo(place) });
  return new Promise<HttpAnswer>((resolve, reject) => {
    session.once("error", reject);
    const stream = session.request({ ":path": path, ":method": method, ...headers });
    stream.once("error", reject);
    stream.once("response", (answered) => {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.once("end", () => {
        const { ":status": status = 0, ...rest } = answered;
        resolve({ status, headers: rest, body: Buffer.concat(chunks).toString() });
      });
    });
    stream.end(body);
  }).finally(() => session.close());
}
