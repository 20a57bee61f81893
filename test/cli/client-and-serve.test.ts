import { expect, test, vi } from "vitest";
import { reducedEnvironment, startProcess, until } from "../support/child-process.js";
import { commandUnderTest } from "../support/provider-process.js";
import { tempDirectory } from "../support/temp-directory.js";
import { createTestCertificate } from "../support/test-certificate.js";
import { runCommand, runCommandHere, type CommandResult } from "./run-command.js";

// Real processes, which take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

test("client commands reach serve over TLS only with the CA and the token", async () => {
  const { certificatePath, keyPath } = createTestCertificate();
  const server = startProcess(
    [
      ...[...commandUnderTest, "serve", "--listen", "tls://127.0.0.1:0", "--token", "secret"],
      ...["--tls-cert", certificatePath, "--tls-key", keyPath, "--bind", "a", "--bind", "b"],
    ],
    { env: { ...reducedEnvironment(), XDG_RUNTIME_DIR: tempDirectory() } },
  );
  const address = /GESTALT_HOST_SERVICE_SOCKET=(tls:\/\/127\.0\.0\.1:\d+)/;
  await until(() => address.test(server.stdout()) || !server.isRunning(), {
    what: () => `it does not say where it listens: ${server.stderr()}`,
  });
  const [, target = ""] = address.exec(server.stdout()) ?? [];
  const run = (command: string, ...args: string[]): Promise<CommandResult> =>
    runCommandHere([command, "--target", target, ...args]);
  const trusting = ["--tls-ca", certificatePath];
  const known = [...trusting, "--token", "secret"];

  const set = ["set", "--target", target, ...known, "--bind", "a", "key", "value"];
  expect((await runCommand(set)).code).toBe(0);
  expect((await run("get", ...known, "--bind", "a", "key")).stdout.toString()).toBe("value");
  expect((await run("get", ...known, "--bind", "b", "key")).code).toBe(1);
  const { stdout } = await run("stats", ...known, "--bind", "a", "--json");
  expect(JSON.parse(stdout.toString())).toMatchObject({ entries: 1, sets: 1, hits: 1 });

  const refused = async (...args: string[]): Promise<string> => {
    const { code, stderr } = await run("get", ...args, "--bind", "a", "key");
    expect(code).toBe(3);
    return stderr;
  };
  const tokenAdvice = "the token is read from --token or --token-file\n";
  expect(await refused(...trusting)).toContain(tokenAdvice);
  expect(await refused(...trusting, "--token", "wrong")).toContain(tokenAdvice);
  expect(await refused("--token", "secret")).toContain(
    "is not trusted; add its CA certificate with --tls-ca or NODE_EXTRA_CA_CERTS\n",
  );
  const plaintext = target.replace("tls:", "tcp:");
  expect(await refused("--target", plaintext)).toContain(
    `cache at ${plaintext} (--target): the server closed the connection; if it expects TLS, use tls://\n`,
  );
});
