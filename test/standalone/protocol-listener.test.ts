import net from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { openProtocolListener } from "../../src/standalone/protocol-listener.js";
import { until } from "../support/child-process.js";
import { connectTo } from "../support/http-request.js";
import { serveStandalone } from "../support/standalone.js";
import { tempSocketPath } from "../support/temp-directory.js";

const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const EMPTY_SETTINGS = "\0\0\0\x04\0\0\0\0\0";
const SETTINGS_TAKEN = "\0\0\0\x04\x01\0\0\0\0";

interface Decision {
  readonly kind: string;
  /** What the socket's next reader gets. */
  readonly first: string;
}

/** What a door makes of bytes that come in pieces. */
async function decide(pieces: readonly string[]): Promise<Decision> {
  const path = tempSocketPath();
  const decisions: Decision[] = [];
  const take = (kind: string) => (socket: net.Socket) => {
    decisions.push({ kind, first: (socket.read() as Buffer).toString("latin1") });
    socket.destroy();
  };
  const door = await openProtocolListener(
    { kind: "unix", path },
    {
      onHttp1: take("HTTP/1.1"),
      onHttp2: take("HTTP/2"),
      handshakeTimeoutMs: 10_000,
      maxPending: 10,
      report: () => {},
      onHandshakeError: () => {},
    },
  );
  onTestFinished(() => door.close());
  const socket = net.connect(path);
  socket.on("error", () => {});
  for (const piece of pieces) {
    socket.write(piece);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await until(() => decisions.length > 0);
  return decisions[0] as Decision;
}

test.each([
  ["the preface", [PREFACE], "HTTP/2"],
  ["the preface and more", [PREFACE + EMPTY_SETTINGS], "HTTP/2"],
  ["the preface in pieces", ["P", "RI * HTTP", "/2.0\r\n\r\nSM\r\n", "\r\n"], "HTTP/2"],
  ["a request", ["GET / HTTP/1.1\r\n\r\n"], "HTTP/1.1"],
  ["a POST in pieces", ["P", "OST / HTTP/1.1\r\n\r\n"], "HTTP/1.1"],
  ["almost the preface", ["PRI * HTTP/1.1\r\n\r\n"], "HTTP/1.1"],
  ["the preface, ending differently", [PREFACE.slice(0, -1), "x"], "HTTP/1.1"],
])("the listener detects the protocol of %s", async (_, pieces, kind) => {
  const decision = await decide(pieces);
  expect(decision.kind).toBe(kind);
  expect(pieces.join("").startsWith(decision.first)).toBe(true);
  expect(decision.first.length).toBeGreaterThan(1);
});

test("HTTP/2 receives the bytes that the listener has read", async () => {
  const { place } = await serveStandalone();
  const socket = connectTo(place);
  let received = "";
  socket.setEncoding("latin1").on("data", (text: string) => (received += text));
  const all = PREFACE + EMPTY_SETTINGS;
  for (let at = 0; at < all.length; at += 7) {
    socket.write(all.slice(at, at + 7), "latin1");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await until(() => received.includes(SETTINGS_TAKEN));
  socket.destroy();
});

test("pending connections do not delay close", async () => {
  const { place, server } = await serveStandalone({ limits: { drainTimeoutMs: 60_000 } });
  const socket = connectTo(place);
  socket.on("error", () => {});
  await new Promise<void>((resolve) => socket.write("P", () => resolve()));
  await server.close();
  await until(() => socket.destroyed);
});
