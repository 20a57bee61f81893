import { execFile, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { reducedEnvironment } from "../support/child-process.js";
import { repositoryRoot } from "../support/provider-process.js";
import { startServe } from "../support/serve-process.js";
import { tempDirectory } from "../support/temp-directory.js";
import { createTestCertificate, type TestCertificate } from "../support/test-certificate.js";

const run = promisify(execFile);

async function serveTls({ certificatePath, keyPath }: TestCertificate) {
  const files = ["--tls-cert", certificatePath, "--tls-key", keyPath];
  return startServe(["--listen", "tls://127.0.0.1:0", ...files]);
}

describe("with the lines that serve prints", () => {
  // As the host's SDK for TypeScript: Connect's transport, with nothing said of certificates.
  test("Node trusts the certificate of serve", async () => {
    const { exported, target } = await serveTls(createTestCertificate());
    const program = join(tempDirectory(), "client.mjs");
    const nodeModules = pathToFileURL(join(repositoryRoot, "node_modules")).href;
    writeFileSync(
      program,
      `import { createGrpcTransport } from "${nodeModules}/@connectrpc/connect-node/dist/esm/index.js";
       import { createClient } from "${nodeModules}/@connectrpc/connect/dist/esm/index.js";
       import { Cache } from ${JSON.stringify(pathToFileURL(join(repositoryRoot, "dist/rpc/gen/gestalt/provider/v1/cache_pb.js")).href)};
       const baseUrl = ${JSON.stringify(target.replace("tls:", "https:"))};
       const client = createClient(Cache, createGrpcTransport({ baseUrl, defaultTimeoutMs: 10_000 }));
       await client.set({ key: "a", value: new Uint8Array([1]) });
       console.log((await client.get({ key: "a" })).found);
       process.exit(0);`,
    );
    const node = (env: Readonly<Record<string, string>>): Promise<{ stdout: string }> =>
      run("node", [program], { env: { ...reducedEnvironment(), ...env } });
    expect((await node(exported)).stdout).toBe("true\n");
    await expect(node({})).rejects.toThrow("self-signed certificate");
  });

  // It reads SSL_CERT_FILE as the library of the host's SDK for Rust does.
  test("OpenSSL trusts the certificate of serve, and no other", async () => {
    const { exported, target } = await serveTls(createTestCertificate());
    const verified = (env: Readonly<Record<string, string>>): number | null =>
      spawnSync(
        "openssl",
        ["s_client", "-connect", target.replace("tls://", ""), "-verify_return_error"],
        { env: { ...reducedEnvironment(), ...env }, input: "", timeout: 10_000 },
      ).status;
    expect(verified(exported)).toBe(0);
    expect(verified({ SSL_CERT_FILE: createTestCertificate().certificatePath })).toBe(1);
  });
});

test.each([
  ["may sign others", { isAuthority: true }, "basicConstraints CA:TRUE"],
  ["has no alternative names", { hasAlternativeNames: false }, "no subjectAltName"],
])("serve warns of a certificate that %s", async (_, options, warning) => {
  const unusual = await serveTls(createTestCertificate("localhost", options));
  expect(unusual.stderr()).toContain(warning);
  expect((await serveTls(createTestCertificate())).stderr()).not.toContain(warning);
});
