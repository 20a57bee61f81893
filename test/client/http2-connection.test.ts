import http2 from "node:http2";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { Http2Connection } from "../../src/client/http2-connection.js";

/** An HTTP/2 server that replies to every request with its number. */
async function startServer() {
  const sessions: http2.ServerHttp2Session[] = [];
  const server = http2.createServer();
  server.on("session", (session) => sessions.push(session));
  let requests = 0;
  server.on("stream", (stream) => {
    stream.respond({ ":status": 200 });
    stream.end(String(++requests));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, sessions };
}

/** A proxy whose connections can stop forwarding without closing. */
async function startProxy(port: number) {
  const pairs: [Socket, Socket][] = [];
  const server = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    for (const socket of [near, far]) socket.on("error", () => {});
    near.pipe(far).pipe(near);
    pairs.push([near, far]);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of pairs.flat()) socket.destroy();
    server.close();
  });
  const goDeaf = (): void => {
    for (const [near, far] of pairs) {
      near.unpipe(far);
      far.unpipe(near);
    }
  };
  return { port: (server.address() as AddressInfo).port, pairs, goDeaf };
}

function open(port: number, verifyAfterMs = Infinity): Http2Connection {
  const connection = new Http2Connection("http://localhost", {
    connect: () => connect(port, "127.0.0.1"),
    verifyAfterMs,
    verifyTimeoutMs: 500,
  });
  onTestFinished(() => connection.close());
  return connection;
}

async function ask(connection: Http2Connection): Promise<string> {
  const stream = await connection.request("GET", "/", {}, {});
  stream.end();
  return (await buffer(stream)).toString();
}

test("requests share one connection, even those made while it connects", async () => {
  const { port, sessions } = await startServer();
  const connection = open(port);
  const answers = await Promise.all([ask(connection), ask(connection), ask(connection)]);
  expect(answers.sort()).toEqual(["1", "2", "3"]);
  expect(sessions).toHaveLength(1);
});

test("after GOAWAY, the next request uses a new connection", async () => {
  const { port, sessions } = await startServer();
  const connection = open(port);
  await ask(connection);
  const first = sessions[0];
  const closed = new Promise((resolve) => first?.once("close", resolve));
  first?.close();
  await closed;
  expect(await ask(connection)).toBe("2");
  expect(sessions).toHaveLength(2);
});

test("a dead connection is detected by a PING and replaced", async () => {
  const { port } = await startServer();
  const proxy = await startProxy(port);
  const connection = open(proxy.port, 0);
  expect(await ask(connection)).toBe("1");
  expect(await ask(connection)).toBe("2");
  expect(proxy.pairs).toHaveLength(1);
  proxy.goDeaf();
  expect(await Promise.all([ask(connection), ask(connection)])).toEqual(["3", "4"]);
  expect(proxy.pairs).toHaveLength(2);
});

test("requests fail after close", async () => {
  const { port } = await startServer();
  let sockets = 0;
  const connection = new Http2Connection("http://localhost", {
    connect: () => {
      sockets++;
      return connect(port, "127.0.0.1");
    },
    verifyAfterMs: Infinity,
    verifyTimeoutMs: 0,
  });
  const early = ask(connection);
  connection.close();
  await expect(early).rejects.toThrow("the connection was closed");
  await expect(ask(connection)).rejects.toThrow("the connection was closed");
  expect(sockets).toBe(1);
});

test("a reply that is not HTTP/2 fails only the request", async () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket.on("error", () => {}));
    socket.once("data", () => socket.write("HTTP/1.1 400 Bad Request\r\n\r\n"));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const connection = open((server.address() as AddressInfo).port);
  const failed = ask(connection);
  await expect(failed).rejects.toThrow("Protocol error");
  // Closing at the moment of the failure must not leave the error without a listener.
  connection.close();
});
