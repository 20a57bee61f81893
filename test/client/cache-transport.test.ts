import { createServer as createHttpServer } from "node:http";
import { chmodSync, writeFileSync } from "node:fs";
import http2 from "node:http2";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { networkInterfaces } from "node:os";
import { Code } from "@connectrpc/connect";
import * as grpc from "@grpc/grpc-js";
import { describe, expect, onTestFinished, test } from "vitest";
import { Cache, type CacheOptions } from "../../src/client/cache.js";
import { tempDirectory, tempSocketPath } from "../support/temp-directory.js";
import { createTestCertificate } from "../support/test-certificate.js";
import { startGrpcJsCacheServer } from "./grpc-js-cache-server.js";

function open(name: string, options: CacheOptions): Cache {
  const cache = new Cache(name, { timeoutMs: 5_000, ...options });
  onTestFinished(() => cache.close());
  return cache;
}

const hasIpv6 = Object.values(networkInterfaces())
  .flat()
  .some((address) => address?.address === "::1");

async function listen(server: Server, at: string | number = 0): Promise<number> {
  await new Promise<void>((resolve) => {
    if (typeof at === "string") server.listen(at, resolve);
    else server.listen(at, "127.0.0.1", resolve);
  });
  onTestFinished(() => void server.close());
  return typeof at === "string" ? 0 : (server.address() as AddressInfo).port;
}

describe("targets against a grpc-js server", () => {
  test("calls over a Unix socket have the authority localhost", async () => {
    const path = tempSocketPath();
    const server = await startGrpcJsCacheServer(`unix://${path}`);
    const cache = open("", { environment: { GESTALT_CACHE_SOCKET: `unix://${path}` } });
    await cache.set("key", Uint8Array.of(1));
    expect(server.calls.map(({ authority }) => authority)).toEqual(["localhost:80"]);
  });

  test("tcp:// is plaintext HTTP/2", async () => {
    const server = await startGrpcJsCacheServer("127.0.0.1:0");
    const cache = open("a", {
      environment: { GESTALT_CACHE_SOCKET_A: `tcp://127.0.0.1:${server.port}` },
    });
    await cache.set("key", Uint8Array.of(1));
    expect(await cache.get("key")).toEqual(Uint8Array.of(1));
  });

  test.each(["LOCALHOST", "127.1", "0x7f.0.0.1", "2130706433"])(
    "tcp:// reaches the host %s, which URLs normalize",
    async (host) => {
      const server = await startGrpcJsCacheServer("127.0.0.1:0");
      const cache = open("", { target: `tcp://${host}:${server.port}` });
      await cache.set("key", Uint8Array.of(1));
      expect(await cache.get("key")).toEqual(Uint8Array.of(1));
    },
  );

  test.skipIf(!hasIpv6).each(["[::1]", "[0:0:0:0:0:0:0:1]"])(
    "tcp:// reaches the IPv6 address %s",
    async (host) => {
      const server = await startGrpcJsCacheServer("[::1]:0");
      const cache = open("", { target: `tcp://${host}:${server.port}` });
      expect(await cache.get("key")).toBeUndefined();
    },
  );

  // Ordinary users cannot listen on these ports, and another program may.
  test.each(["tcp://127.0.0.1:80", "tls://127.0.0.1:443", "tcp://127.0.0.1:00080"])(
    "a call to %s connects to the default port of its scheme",
    async (target) => {
      await expect(open("", { target }).get("key")).rejects.toMatchObject({
        code: Code.Unavailable,
        rawMessage: expect.stringContaining(
          `cache at ${target.replace("00080", "80")} (target): `,
        ) as string,
      });
    },
  );

  test("tls:// trusts the CA of the options and sends the client's certificate", async () => {
    const { certificate, key } = createTestCertificate();
    const pair = { cert_chain: certificate, private_key: key };
    const credentials = grpc.ServerCredentials.createSsl(certificate, [pair], true);
    const server = await startGrpcJsCacheServer("127.0.0.1:0", { credentials });
    for (const host of ["localhost", "127.0.0.1"]) {
      const target = `tls://${host}:${server.port}`;
      const cache = open("", { target, tls: { ca: certificate, cert: certificate, key } });
      await cache.set("key", Uint8Array.of(1));
      expect(await cache.get("key")).toEqual(Uint8Array.of(1));
    }
    const stranger = open("", {
      target: `tls://localhost:${server.port}`,
      tls: { ca: certificate },
    });
    await expect(stranger.get("key")).rejects.toMatchObject({ code: Code.Unavailable });
  });

  test("the CA can come from the environment, as text or as a file", async () => {
    const { certificate, certificatePath, key } = createTestCertificate();
    const pair = { cert_chain: certificate, private_key: key };
    const credentials = grpc.ServerCredentials.createSsl(null, [pair]);
    const server = await startGrpcJsCacheServer("127.0.0.1:0", { credentials });
    const GESTALT_CACHE_SOCKET = `tls://localhost:${server.port}`;
    for (const variable of [
      { GESTALT_HOST_SERVICE_TLS_CA_FILE: certificatePath },
      { GESTALT_HOST_SERVICE_TLS_CA_PEM: certificate.toString() },
    ]) {
      const cache = open("", { environment: { GESTALT_CACHE_SOCKET, ...variable } });
      expect(await cache.get("key")).toBeUndefined();
    }
    const GESTALT_HOST_SERVICE_TLS_CA_FILE = `${certificatePath}.missing`;
    const environment = { GESTALT_CACHE_SOCKET, GESTALT_HOST_SERVICE_TLS_CA_FILE };
    expect(() => new Cache("", { environment })).toThrow(
      "GESTALT_HOST_SERVICE_TLS_CA_FILE: ENOENT: no such file or directory",
    );
  });

  test.each([
    ["tls://localhost", {}, "the server's certificate is not trusted; add its CA certificate"],
    ["tls://localhost", { serverName: "other" }, "the server's certificate is for another name"],
    ["tcp://localhost", {}, "the server closed the connection"],
  ])("connecting to a TLS server fails over %s with %j", async (prefix, tls, advice) => {
    const { certificate, key } = createTestCertificate();
    const pair = { cert_chain: certificate, private_key: key };
    const credentials = grpc.ServerCredentials.createSsl(null, [pair]);
    const server = await startGrpcJsCacheServer("127.0.0.1:0", { credentials });
    const trusted = "serverName" in tls ? { ...tls, ca: certificate } : tls;
    const target = `${prefix}:${server.port}`;
    await expect(open("", { target, tls: trusted }).get("key")).rejects.toMatchObject({
      code: Code.Unavailable,
      rawMessage: expect.stringContaining(`cache at ${target} (target): ${advice}`) as string,
    });
    expect(server.calls).toEqual([]);
  });
});

describe("every call sends", () => {
  test("the token of the binding", async () => {
    const path = tempSocketPath();
    const server = await startGrpcJsCacheServer(`unix://${path}`);
    const environment = {
      GESTALT_CACHE_SOCKET_A: path,
      GESTALT_CACHE_SOCKET_A_TOKEN: "secret",
    };
    await open("a", { environment }).get("key");
    await open("a", { environment, token: "mine" }).get("key");
    expect(server.calls.map((call) => call.headers["x-gestalt-host-service-relay-token"])).toEqual([
      "secret",
      "mine",
    ]);
    expect(server.calls[0]?.headers).not.toHaveProperty("x-gestalt-host-binding");
  });

  test("the binding on the shared socket of newer hosts", async () => {
    const path = tempSocketPath();
    const server = await startGrpcJsCacheServer(`unix://${path}`);
    const environment = {
      GESTALT_HOST_SERVICE_SOCKET: path,
      GESTALT_HOST_SERVICE_TOKEN: "secret",
      GESTALT_HOST_SERVICES: "cache",
    };
    await open(" Session ", { environment }).get("key");
    await open("", { environment }).get("key");
    expect(server.calls.map(({ headers }) => headers["x-gestalt-host-binding"])).toEqual([
      "Session",
      undefined,
    ]);
    expect(server.calls[0]?.headers["x-gestalt-host-service-relay-token"]).toBe("secret");
  });
});

describe("a call that the server resets", () => {
  /** Resets the first requests with these codes, and replies "not found" to the others. */
  async function startResetting(...codes: number[]): Promise<{ path: string; seen: () => number }> {
    const path = tempSocketPath();
    let seen = 0;
    const server = http2.createServer();
    const sessions: http2.ServerHttp2Session[] = [];
    server.on("session", (session) => sessions.push(session));
    server.on("stream", (stream) => {
      stream.on("error", () => {});
      const code = codes[seen++];
      if (code !== undefined) {
        stream.close(code);
        return;
      }
      stream.respond(
        { ":status": 200, "content-type": "application/grpc" },
        { waitForTrailers: true },
      );
      stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
      stream.end(Buffer.alloc(5));
    });
    await listen(server, path);
    onTestFinished(() => {
      for (const session of sessions) session.destroy();
    });
    return { path, seen: () => seen };
  }

  test("with REFUSED_STREAM is repeated once", async () => {
    const once = await startResetting(http2.constants.NGHTTP2_REFUSED_STREAM);
    expect(await open("", { target: once.path }).get("key")).toBeUndefined();
    expect(once.seen()).toBe(2);
    const refused = http2.constants.NGHTTP2_REFUSED_STREAM;
    const always = await startResetting(refused, refused, refused);
    await expect(open("", { target: always.path }).get("key")).rejects.toMatchObject({
      code: Code.Unavailable,
      rawMessage: `cache at unix://${always.path} (target): the server closed the connection`,
    });
    expect(always.seen()).toBe(2);
  });

  test("with CANCEL is not repeated, as it may have been carried out", async () => {
    const { path, seen } = await startResetting(http2.constants.NGHTTP2_CANCEL);
    const call = open("", { target: path }).delete("key");
    await expect(call).rejects.toMatchObject({ code: Code.Unavailable });
    expect(seen()).toBe(1);
  });

  test("with NO_ERROR before the request is complete fails at once", async () => {
    const { path, seen } = await startResetting(http2.constants.NGHTTP2_NO_ERROR);
    const call = open("", { target: path }).set("key", new Uint8Array(2 ** 20));
    await expect(call).rejects.toMatchObject({
      code: Code.Unavailable,
      rawMessage: `cache at unix://${path} (target): the server closed the connection`,
    });
    expect(seen()).toBe(1);
  });
});

describe("an error names target, source and what to do for", () => {
  test.each([
    ["nothing there", () => {}, "the socket does not exist; is the server running?"],
    ["a regular file", (path: string) => writeFileSync(path, ""), "connection refused"],
  ])("%s", async (_, prepare, advice) => {
    const path = tempSocketPath();
    prepare(path);
    const cache = open("a", { environment: { GESTALT_CACHE_SOCKET_A: path } });
    await expect(cache.get("key")).rejects.toMatchObject({
      code: Code.Unavailable,
      rawMessage: expect.stringContaining(
        `cache at unix://${path} (GESTALT_CACHE_SOCKET_A): ${advice}`,
      ) as string,
    });
  });

  test("a directory without permission, and a path through a file", async () => {
    const directory = tempDirectory();
    writeFileSync(`${directory}/file`, "");
    const cache = open("", { target: `${directory}/file/x.sock` });
    await expect(cache.get("key")).rejects.toMatchObject({ code: Code.Unavailable });
    chmodSync(directory, 0o700);
  });

  test("a web server", async () => {
    const http = createHttpServer((_, response) => response.end("hello"));
    const port = await listen(http);
    await expect(open("", { target: `tcp://127.0.0.1:${port}` }).get("key")).rejects.toMatchObject({
      code: Code.Unavailable,
      rawMessage: expect.stringContaining("does not speak plaintext HTTP/2") as string,
    });
  });

  test("a wrong token, with its variable", async () => {
    const path = tempSocketPath();
    await startGrpcJsCacheServer(`unix://${path}`, {
      answer: () => ({ code: grpc.status.UNAUTHENTICATED, details: "wrong token" }),
    });
    const cases = [
      { GESTALT_CACHE_SOCKET_A: path, expected: "GESTALT_CACHE_SOCKET_A_TOKEN" },
      { GESTALT_HOST_SERVICE_SOCKET: path, expected: "GESTALT_HOST_SERVICE_TOKEN" },
    ];
    for (const { expected, ...environment } of cases) {
      await expect(open("a", { environment }).get("key")).rejects.toMatchObject({
        code: Code.Unauthenticated,
        rawMessage: `cache at unix://${path} (${Object.keys(environment)[0] ?? ""}): wrong token; the token is read from ${expected}`,
      });
    }
    await expect(open("a", { target: path }).get("key")).rejects.toMatchObject({
      rawMessage: `cache at unix://${path} (target): wrong token; the token is read from the token option`,
    });
  });

  test("nothing more than the server sent, for a gRPC status", async () => {
    const path = tempSocketPath();
    await startGrpcJsCacheServer(`unix://${path}`, {
      answer: () => ({ code: grpc.status.RESOURCE_EXHAUSTED, details: "entry too large" }),
    });
    await expect(open("", { target: path }).get("key")).rejects.toMatchObject({
      code: Code.ResourceExhausted,
      rawMessage: "entry too large",
    });
  });

  test("a server that ends during a call", async () => {
    const path = tempSocketPath();
    const sockets: Socket[] = [];
    const server = createServer((socket) => {
      sockets.push(socket);
      socket.once("data", () => socket.destroy());
    });
    await listen(server, path);
    await expect(open("", { target: path }).get("key")).rejects.toMatchObject({
      code: Code.Unavailable,
      rawMessage: `cache at unix://${path} (target): the server closed the connection`,
    });
  });

  test("a server that never replies on the connection", async () => {
    const path = tempSocketPath();
    const sockets: Socket[] = [];
    await listen(
      createServer((socket) => void sockets.push(socket)),
      path,
    );
    const cache = open("", { target: path, timeoutMs: 80 });
    await expect(cache.get("key")).rejects.toMatchObject({ code: Code.DeadlineExceeded });
    for (const socket of sockets) socket.destroy();
  });

  test("a TLS handshake that never ends", async () => {
    const sockets: Socket[] = [];
    const port = await listen(createServer((socket) => void sockets.push(socket)));
    const cache = open("", { target: `tls://localhost:${port}`, timeoutMs: 80 });
    await expect(cache.get("key")).rejects.toMatchObject({
      code: expect.toBeOneOf([Code.DeadlineExceeded, Code.Unavailable]) as Code,
    });
    for (const socket of sockets) socket.destroy();
  });
});
