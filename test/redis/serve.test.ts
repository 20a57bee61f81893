import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { requestHttp1 } from "../support/http-request.js";
import { startProcess } from "../support/child-process.js";
import { repositoryRoot } from "../support/provider-process.js";
import { tempDirectory } from "../support/temp-directory.js";
import { until } from "./support/caches.js";
import { describeWithServer, startServer, type RunningServer } from "./support/servers.js";

const COMMAND = ["node", join(repositoryRoot, "dist/cli/main.js")];
const PASSWORD = "s3cret-Pa55word";

/** Runs the command to its end. */
function run(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const [program = "", ...rest] = [...COMMAND, ...args];
  return spawnSync(program, rest, { encoding: "utf8" });
}

test("--shared with a wrong URL is a usage error that names the flag and no password", () => {
  const { status, stderr } = run("serve", "--shared", `http://:${PASSWORD}@h`);
  expect(status).toBe(2);
  expect(stderr).toContain("--shared: must be a string such as redis://localhost:6379");
  expect(stderr).not.toContain(PASSWORD);
});

test("a server that cannot be reached ends serve and exec with one line", () => {
  const url = `redis://:${PASSWORD}@127.0.0.1:1`;
  for (const args of [
    ["serve", "--shared", url],
    ["exec", "--shared", url, "--", "true"],
  ]) {
    const { status, stderr } = run(...args);
    expect(status).toBe(args[0] === "serve" ? 1 : 125);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stderr).toContain("127.0.0.1:1 is not available: connect ECONNREFUSED");
    expect(stderr).not.toContain(PASSWORD);
  }
});

describeWithServer("with a server", () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(async () => server.stop());

  test("two processes of serve share the entries of each binding", async () => {
    const directory = tempDirectory();
    const sockets = ["one", "other"].map((name) => join(directory, `${name}.sock`));
    const processes = sockets.map((socket) =>
      startProcess([
        ...COMMAND,
        ...["serve", "--shared", server.url, "--bind", `session=unix://${socket}`],
        ...["--bind", `rate=unix://${socket}.rate`, "--listen", `unix://${socket}.all`],
      ]),
    );
    await until(() => processes.every(({ stdout }) => stdout().includes("export")), "they serve");
    const [one = "", other = ""] = sockets;
    expect(run("set", "--target", one, "k", "v").status).toBe(0);
    expect(run("get", "--target", other, "k").stdout.trim()).toBe("v");
    // Another binding is another cache.
    expect(run("get", "--target", `${other}.rate`, "k").status).not.toBe(0);
    const client = await server.client();
    expect(await client.get("session:k")).toBe("v");
    client.destroy();
    const metrics = await requestHttp1({ socketPath: `${other}.all` }, { path: "/metrics" });
    expect(metrics.body).toContain('gestalt_cache_remote_hits_total{binding="session"} 1');
    for (const each of processes) each.signal("SIGTERM");
    const ends = await Promise.all(processes.map(({ ended }) => ended));
    expect(ends.map(({ code }) => code)).toEqual([0, 0]);
    expect(processes[1]?.stderr()).toContain("shared: 0 hits in the near cache, 1 at the server");
  });

  test("exec shares the entries with whatever else uses the server", () => {
    const set = [...COMMAND, "set", "k", "from-exec"].join(" ");
    const { status, stderr } = run("exec", "--shared", server.url, "--", "sh", "-c", set);
    expect([stderr, status]).toEqual(["", 0]);
    const get = [...COMMAND, "get", "k"].join(" ");
    const again = run("exec", "--shared", server.url, "--stats", "--", "sh", "-c", get);
    expect(again.stdout.trim()).toBe("from-exec");
    expect(again.stderr).toContain("shared: 0 hits in the near cache, 1 at the server");
  });

  test("caches in the background show no password in their arguments", () => {
    const file = join(tempDirectory(), "config.yaml");
    writeFileSync(file, `shared:\n  url: ${server.url}\n  keyPrefix: ${PASSWORD}\n`);
    const { stdout, status, stderr } = run("exec", "--config", file, "--print-env", "dotenv");
    expect([stderr, status]).toEqual(["", 0]);
    const pid = /GESTALT_CACHE_MEMORY_PID=['"]?(\d+)/.exec(stdout)?.[1] ?? "";
    const { stdout: shown } = spawnSync("ps", ["-ww", "-o", "args=", "-p", pid], {
      encoding: "utf8",
    });
    expect(shown).toContain("exec-background");
    expect(shown).not.toContain(PASSWORD);
    process.kill(Number(pid), "SIGTERM");
  });
});
