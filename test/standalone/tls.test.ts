import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import https from "node:https";
import { join } from "node:path";
import tls from "node:tls";
import * as grpc from "@grpc/grpc-js";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { isSelfSigned, problemWithCredentials } from "../../src/standalone/tls-credentials.js";
import { until } from "../support/child-process.js";
import { createGrpcClient } from "../support/grpc-client.js";
import { serveStandalone, type ServedStandalone } from "../support/standalone.js";
import { tempDirectory } from "../support/temp-directory.js";
import { createTestCertificate, type TestCertificate } from "../support/test-certificate.js";

const UNAVAILABLE = 14;

interface ServedTls extends ServedStandalone {
  readonly port: number;
  readonly own: TestCertificate;
}

async function serveTls(client?: TestCertificate): Promise<ServedTls> {
  const own = createTestCertificate();
  const served = await serveStandalone({
    address: { kind: "tls", host: "127.0.0.1", port: 0 },
    tls: {
      certificate: own.certificate.toString(),
      key: own.key.toString(),
      clientAuthority: client?.certificate.toString(),
    },
  });
  return { ...served, own, port: "port" in served.place ? served.place.port : 0 };
}

/** The status of a Get; the client trusts `ca` and shows its own certificate if it has one. */
async function get(port: number, ca: TestCertificate, own?: TestCertificate): Promise<number> {
  const { createSsl } = grpc.credentials;
  const client = createGrpcClient(
    `localhost:${port}`,
    "Cache",
    {},
    createSsl(ca.certificate, own?.key ?? null, own?.certificate ?? null),
  );
  const { code } = await client.call("Get", { key: "a" }, { deadline: Date.now() + 10_000 });
  client.close();
  return code;
}

test("gRPC is served over TLS", async () => {
  const { port, own } = await serveTls();
  expect(await get(port, own)).toBe(0);
});

test("a server with another certificate is not trusted", async () => {
  const { port, logged } = await serveTls();
  expect(await get(port, createTestCertificate())).toBe(UNAVAILABLE);
  await until(() => logged().includes("WARN  TLS handshake failed"));
});

test("HTTP/1.1 is served to clients that ask for it, or for nothing", async () => {
  const { port, own } = await serveTls();
  const status = await new Promise((resolve, reject) => {
    https
      .get(
        { host: "localhost", port, path: "/metrics", ca: own.certificate, agent: false },
        (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        },
      )
      .once("error", reject);
  });
  expect(status).toBe(200);
});

test.each([
  [["h2", "http/1.1"], "h2"],
  [["http/1.1"], "http/1.1"],
])("of the protocols %j, the server chooses %s", async (ALPNProtocols, chosen) => {
  const { port, own } = await serveTls();
  const socket = tls.connect({ host: "localhost", port, ca: own.certificate, ALPNProtocols });
  await new Promise((resolve) => socket.once("secureConnect", resolve));
  expect(socket.alpnProtocol).toBe(chosen);
  socket.destroy();
});

test.each(["TLSv1", "TLSv1.1"] as const)("a TLS address refuses %s", async (version) => {
  const { port, own } = await serveTls();
  const socket = tls.connect({
    host: "localhost",
    port,
    ca: own.certificate,
    minVersion: version,
    maxVersion: version,
    ciphers: "DEFAULT@SECLEVEL=0",
  });
  const error = await new Promise<Error>((resolve, reject) => {
    socket.once("error", resolve);
    socket.once("secureConnect", () => reject(new Error("it was accepted")));
  });
  expect(error.message).toMatch(/protocol version/i);
});

test("plaintext is refused at a TLS address", async () => {
  const { port, logged } = await serveTls();
  const client = createGrpcClient(`localhost:${port}`, "Cache");
  const { code } = await client.call("Get", { key: "a" }, { deadline: Date.now() + 10_000 });
  client.close();
  expect(code).toBe(UNAVAILABLE);
  expect(logged()).toContain("WARN  TLS handshake failed");
});

describe("with client certificates", () => {
  test("a client with the right certificate is served", async () => {
    const client = createTestCertificate("client");
    const { port, own } = await serveTls(client);
    expect(await get(port, own, client)).toBe(0);
  });

  test("clients without a certificate, or with another authority's, are refused", async () => {
    const { port, own } = await serveTls(createTestCertificate("client"));
    expect(await get(port, own)).toBe(UNAVAILABLE);
    expect(await get(port, own, createTestCertificate("client"))).toBe(UNAVAILABLE);
  });
});

describe("credentials", () => {
  const one = (): { certificate: string; key: string } => {
    const { certificate, key } = createTestCertificate();
    return { certificate: certificate.toString(), key: key.toString() };
  };

  test("that belong together are valid", () => {
    expect(problemWithCredentials(one())).toBeUndefined();
    expect(isSelfSigned(one())).toBe(true);
  });

  test("of an authority with the same name are not self-signed", () => {
    const authority = createTestCertificate("localhost", { isAuthority: true });
    const directory = tempDirectory();
    const request = join(directory, "request.pem");
    const extensions = join(directory, "extensions");
    writeFileSync(extensions, "authorityKeyIdentifier=none\nsubjectKeyIdentifier=none\n");
    const openssl = (...args: string[]): string =>
      execFileSync("openssl", args, { encoding: "utf8", stdio: "pipe" });
    const key = createTestCertificate().keyPath;
    openssl("req", "-new", "-key", key, "-subj", "/CN=localhost", "-out", request);
    const issuer = ["-CA", authority.certificatePath, "-CAkey", authority.keyPath];
    const serial = ["-set_serial", "1", "-extfile", extensions];
    const certificate = openssl("x509", "-req", "-in", request, ...issuer, ...serial);
    expect(isSelfSigned({ certificate, key: "" })).toBe(false);
  });

  test("that are not valid yet are refused", () => {
    const credentials = one();
    vi.useFakeTimers({ now: Date.parse("2020-01-01"), toFake: ["Date"] });
    onTestFinished(() => void vi.useRealTimers());
    expect(problemWithCredentials(credentials)).toEqual({
      part: "certificate",
      message: expect.stringMatching(/^not valid before \w{3} .* GMT$/) as string,
    });
  });

  test("that do not belong together are refused by part", () => {
    const { certificate, key } = one();
    const of = (change: object): unknown => problemWithCredentials({ certificate, key, ...change });
    expect(of({ certificate: key })).toEqual({
      part: "certificate",
      message: "not a PEM certificate",
    });
    expect(of({ key: certificate })).toEqual({
      part: "key",
      message: "not a PEM key without a password",
    });
    expect(of({ key: one().key })).toEqual({
      part: "key",
      message: "not the key of the certificate",
    });
    expect(of({ clientAuthority: "" })).toEqual({
      part: "clientAuthority",
      message: "not a PEM certificate",
    });
  });
});
