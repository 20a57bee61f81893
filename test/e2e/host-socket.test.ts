import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { isExecutable, startAsHost, startProvider } from "../support/provider-process.js";
import { tempDirectory, tempSocketPath } from "../support/temp-directory.js";

const CLIENTS = 1_000;

/** How many connections the system lets wait at a socket; 0 where that is not known. */
function backlogLimit(): number {
  const file = "/proc/sys/net/core/somaxconn";
  return existsSync(file) ? Number(readFileSync(file, "utf8")) : 0;
}

/** Starts a provider that cannot serve; gives the one line that it says. */
async function refusal(socketPath: string): Promise<string> {
  const provider = startAsHost({ socketPath });
  expect(await provider.ended).toEqual({ code: 1, signal: null });
  expect(provider.stderr()).toMatch(/^gestalt-cache-memory: [^\n]+\n$/);
  return provider.stderr();
}

test("the socket of a killed provider is replaced", async () => {
  const killed = await startProvider();
  killed.signal("SIGKILL");
  await killed.ended;
  const { socketPath } = killed;
  // The file is there from the start; what tells the new socket is that it answers.
  const provider = await startProvider({ socketPath });
  const lifecycle = provider.client("ProviderLifecycle");
  await expect
    .poll(async () => (await lifecycle.call("HealthCheck", {})).code, { timeout: 5_000 })
    .toBe(0);
});

test("a socket with a listener is refused and keeps working", async () => {
  const first = await startProvider();
  expect(await refusal(first.socketPath)).toContain("another server is listening");
  expect((await first.client("ProviderLifecycle").call("HealthCheck", {})).code).toBe(0);
});

// Bun lets 512 wait, whatever it is asked for.
test.runIf(!isExecutable && backlogLimit() >= CLIENTS)(
  `${CLIENTS} clients that connect while the provider is busy wait, and none is refused`,
  async () => {
    const provider = await startProvider();
    provider.signal("SIGSTOP");
    const sockets = Array.from({ length: CLIENTS }, () => connect(provider.socketPath));
    const outcomes = await Promise.allSettled(sockets.map((socket) => once(socket, "connect")));
    provider.signal("SIGCONT");
    for (const socket of sockets) socket.destroy();
    expect(outcomes.filter(({ status }) => status === "rejected")).toEqual([]);
  },
);

test("a regular file is refused and stays", async () => {
  const path = tempSocketPath();
  writeFileSync(path, "precious");
  expect(await refusal(path)).toContain("not a socket");
  expect(readFileSync(path, "utf8")).toBe("precious");
});

test("a path that is too long is refused with the limit", async () => {
  const path = join(tempDirectory(), `${"x".repeat(120)}.sock`);
  expect(await refusal(path)).toMatch(/103/);
  expect(existsSync(path)).toBe(false);
});

test("the error for a missing directory names it", async () => {
  const path = join(tempDirectory(), "none", "x.sock");
  expect(await refusal(path)).toContain(path);
});

test("the error for an invalid host process id names it", async () => {
  const provider = startAsHost({ env: { GESTALT_PLUGIN_PARENT_PID: "-1" } });
  expect(await provider.ended).toEqual({ code: 1, signal: null });
  expect(provider.stderr()).toBe(
    'gestalt-cache-memory: GESTALT_PLUGIN_PARENT_PID must be a process id (got "-1")\n',
  );
});
