import type net from "node:net";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { Cache } from "../../../src/rpc/gen/gestalt/provider/v1/cache_pb.js";
import { createProviderServices } from "../../../src/rpc/provider-services.js";
import { until } from "../../support/child-process.js";
import { connectTo, requestHttp1, type Place } from "../../support/http-request.js";
import { createMapProvider } from "../../support/map-provider.js";
import { serveStandalone } from "../../support/standalone.js";

const GET = "/gestalt.provider.v1.Cache/Get";

/** Sends bytes and waits until the server has nothing more to say. */
function send(place: Place, bytes: Buffer): Promise<string> {
  return new Promise((resolve) => {
    const socket = connectTo(place);
    let received = "";
    socket.setEncoding("latin1").on("data", (text: string) => (received += text));
    socket.on("error", () => {});
    socket.once("close", () => resolve(received));
    socket.end(bytes);
  });
}

const line = fc
  .string({ unit: "binary", maxLength: 60 })
  .map((text) => text.replace(/[\r\n]/g, ""));
const method = fc.oneof(fc.constantFrom("POST", "GET", "PUT", "CONNECT", "PRI", "OPTIONS"), line);
const path = fc.oneof(
  fc.constantFrom(GET, `${GET}?a=%zz`, "*", "//", "http://[::1/", "/grpc.health.v1.Health/Watch"),
  line,
);
const header = fc.oneof(
  fc.tuple(
    fc.constantFrom(
      ...["host", "content-type", "content-length", "content-encoding", "transfer-encoding"],
      ...["connect-timeout-ms", "grpc-timeout", "grpc-encoding", "connection", "upgrade", "expect"],
      ...["authorization", "x-gestalt-host-service-relay-token", "te", "connect-protocol-version"],
    ),
    fc.oneof(
      fc.constantFrom("", "[::1", "99999999999999999999", "-1", "gzip", "chunked", "h2c", "close"),
      fc.constantFrom("application/json", "application/proto", "application/grpc-web+proto"),
      fc.constantFrom("application/connect+json", "application/grpc", "100-continue"),
      line,
    ),
  ),
  fc.tuple(line, line),
);

test("arbitrary bytes do not affect other clients", async () => {
  const { place, logged } = await serveStandalone();
  await fc.assert(
    fc.asyncProperty(
      method,
      path,
      fc.array(header, { maxLength: 6 }),
      fc.uint8Array({ maxLength: 40 }),
      async (verb, target, headers, body) => {
        const lines = [`${verb} ${target} HTTP/1.1`, ...headers.map((pair) => pair.join(": "))];
        const head = Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
        const answer = await send(place, Buffer.concat([head, body]));
        expect(answer).toMatch(/^(HTTP\/1\.1 \d{3} |$)/);
      },
    ),
    { numRuns: 400, seed: 20261123 },
  );
  const answer = await requestHttp1(place, {
    path: GET,
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "{}",
  });
  expect([answer.status, answer.body]).toEqual([200, "{}"]);
  expect(logged()).not.toContain("ERROR");
});

const VALUE_BYTES = 2 ** 20;
const MAX_BYTES_IN_FLIGHT = 4 * VALUE_BYTES;

test("unread replies are bounded, and dropped when their clients leave", async () => {
  const provider = createMapProvider();
  await provider.set("a", new Uint8Array(VALUE_BYTES), { ttlMs: undefined });
  const routes = createProviderServices(provider, { requireConfigure: false }).filter(
    ({ service }) => service.typeName === Cache.typeName,
  );
  const limits = { maxBytesInFlight: MAX_BYTES_IN_FLIGHT, smallReplyReserveBytes: 0 };
  const { place } = await serveStandalone({ routes, limits });
  const inFlight = async (): Promise<number> => {
    const { body } = await requestHttp1(place, { path: "/metrics" });
    return Number(/^gestalt_cache_server_bytes_in_flight (\d+)$/m.exec(body)?.[1]);
  };
  const body = '{"key":"a"}';
  const request =
    `POST ${GET} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n` +
    `content-length: ${body.length}\r\n\r\n${body}`;
  const sockets: net.Socket[] = [];
  onTestFinished(() => sockets.forEach((socket) => socket.destroy()));
  for (let count = 0; count < 30; count++) {
    const socket = connectTo(place);
    socket.on("error", () => {});
    socket.write(request);
    sockets.push(socket);
  }
  while ((await inFlight()) < MAX_BYTES_IN_FLIGHT);
  const late = connectTo(place);
  sockets.push(late);
  let refused = "";
  late.setEncoding("latin1").on("data", (text: string) => (refused += text));
  late.write(request);
  await until(() => refused.includes("\r\n\r\n{"));
  expect(refused).toMatch(/^HTTP\/1\.1 429 [^]*no room for/);
  // What a few calls at a time may add, each of a reply in base64.
  expect(await inFlight()).toBeLessThan(MAX_BYTES_IN_FLIGHT + 9 * 1.4 * VALUE_BYTES);
  for (const socket of sockets) socket.destroy();
  while ((await inFlight()) > 0);
});
