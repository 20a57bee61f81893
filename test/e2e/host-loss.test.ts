import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { isAlive, startProcess, until } from "../support/child-process.js";
import { commandUnderTest, hostEnvironment, startProvider } from "../support/provider-process.js";
import { tempSocketPath } from "../support/temp-directory.js";

/** Stands for the host: starts the command it is given, prints its pid, waits. */
const HOST = `
  const { spawn } = require("node:child_process");
  const [command, ...args] = process.argv.slice(1);
  const env = { ...process.env, GESTALT_PLUGIN_PARENT_PID: String(process.pid) };
  console.log(spawn(command, args, { env, stdio: ["ignore", "inherit", "inherit"] }).pid);
  setInterval(() => {}, 1000);`;

test("the provider and its socket end within 2 s of the end of the host", async () => {
  const socketPath = tempSocketPath();
  const host = startProcess([process.execPath, "--eval", HOST, ...commandUnderTest], {
    env: hostEnvironment(socketPath),
  });
  await until(() => existsSync(socketPath), { what: () => `no socket: ${host.stderr()}` });
  const providerPid = Number(host.stdout());
  onTestFinished(() => {
    if (isAlive(providerPid)) process.kill(providerPid, "SIGKILL");
  });
  host.signal("SIGKILL");
  await until(() => !isAlive(providerPid), { withinMs: 2_000, what: "the provider still runs" });
  expect(existsSync(socketPath)).toBe(false);
});

test("the end of a host that is not the parent ends the provider", async () => {
  const host = spawn(process.execPath, ["--eval", "setInterval(() => {}, 1000)"]);
  onTestFinished(() => void host.kill("SIGKILL"));
  const provider = await startProvider({ hostPid: host.pid ?? -1 });
  host.kill("SIGKILL");
  expect(await provider.ended).toEqual({ code: 0, signal: null });
  expect(existsSync(provider.socketPath)).toBe(false);
  expect(provider.stderr()).toBe(
    `session: stopping: the host process ${host.pid ?? ""} has ended\n`,
  );
});

test("the provider keeps serving after all connections have closed", async () => {
  const provider = await startProvider();
  const lifecycle = provider.client("ProviderLifecycle");
  expect((await lifecycle.call("HealthCheck", {})).code).toBe(0);
  lifecycle.close();
  const again = provider.client("ProviderLifecycle");
  expect((await again.call("HealthCheck", {})).code).toBe(0);
});
