import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createProgressLine } from "../../src/cli/conformance/progress-line.js";
import { createMemoryCacheProvider } from "../../src/memory/memory-cache-provider.js";
import { createProviderServices } from "../../src/rpc/provider-services.js";
import { startProviderServer } from "../../src/server/provider-server.js";
import { isAlive, startProcess, until } from "../support/child-process.js";
import { commandUnderTest, repositoryRoot } from "../support/provider-process.js";
import { tempDirectory, tempSocketPath } from "../support/temp-directory.js";
import { runCommandHere } from "./run-command.js";

const INDEPENDENT = [
  process.execPath,
  join(repositoryRoot, "test/conformance/independent-provider.mjs"),
];

async function conformance(...args: readonly string[]) {
  const child = startProcess([...commandUnderTest, "conformance", ...args]);
  const { code } = await child.ended;
  return { code, stdout: child.stdout(), stderr: child.stderr() };
}

describe("conformance with a command", () => {
  test("exits with 0 and prints only the report when the provider conforms", async () => {
    const only = "get,process/plugin-socket";
    const { code, stdout, stderr } = await conformance("--only", only, "--", ...commandUnderTest);
    expect(stdout).toMatch(
      /\nconforms to the required profile: 5 passed, 0 failed, 0 skipped in [\d.]+ s\n$/,
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });

  test("exits with 1 when the provider does not conform", async () => {
    const args = ["--only", "process/prints-no-values", "--env", "FAULT=prints cached values"];
    const { code, stdout } = await conformance(...args, "--", ...INDEPENDENT);
    expect(stdout).toMatch(
      /FAILED process\/prints-no-values[^]*\ndoes not conform to the required profile: 0 passed, 1 f/,
    );
    expect(code).toBe(1);
  });

  test("exits with 1 and shows the provider's output when the provider does not start", async () => {
    const provider = [process.execPath, "--eval", "console.error('no licence'); process.exit(7)"];
    const { code, stdout } = await conformance("--only", "get", "--", ...provider);
    expect(stdout).toMatch(/The run ended early: the provider does not start: exit code 7.*no lic/);
    expect(code).toBe(1);
  });

  test("configures the provider with the configuration file", async () => {
    const file = join(tempDirectory(), "config.yaml");
    writeFileSync(file, "maxBytes: 1MiB\nmaxEntries: wrong\n");
    const args = ["--config", file, "--only", "lifecycle/echoes-version"];
    const { code, stdout } = await conformance(...args, "--", ...commandUnderTest);
    expect(stdout).toMatch(/cannot be configured: INVALID_ARGUMENT: .*maxEntries/);
    expect(code).toBe(1);
  });

  test("reports as JSON, JUnit and TAP", async () => {
    const reports = ["json", "junit", "tap"].map((format) =>
      conformance("--report", format, "--only", "get/reads-again", "--", ...INDEPENDENT),
    );
    const [json, junit, tap] = await Promise.all(reports);
    expect(JSON.parse(json?.stdout ?? "")).toMatchObject({ passed: 1, conforms: true });
    expect(junit?.stdout).toMatch(/^<\?xml [^]*<\/testsuite>\n$/);
    expect(tap?.stdout).toMatch(/^TAP version 14\n1\.\.1\n# .*\nok 1 - get\/reads-again: /);
  });

  test("ends the provider and prints a report on Ctrl-C", async () => {
    const started = join(tempDirectory(), "started");
    const source =
      "fs.writeFileSync(process.env.STARTED, `${process.pid}`); setInterval(() => {}, 999)";
    const provider = [process.execPath, "--eval", source];
    const args = ["--env", `STARTED=${started}`, "--", ...provider];
    const child = startProcess([...commandUnderTest, "conformance", ...args]);
    await until(() => existsSync(started), { what: "a provider that has started" });
    child.signal("SIGINT");
    expect(await child.ended).toEqual({ code: 1, signal: null });
    expect(isAlive(Number(readFileSync(started, "utf8")))).toBe(false);
    expect(child.stdout()).toMatch(/The run ended early: the run was interrupted/);
  });
});

test("conformance --target reports on a provider that is already running", async () => {
  const path = tempSocketPath();
  const routes = createProviderServices(createMemoryCacheProvider());
  const server = await startProviderServer({ routes }, { kind: "unix", path });
  const { code, stdout } = await conformance(
    "--target",
    `unix://${path}`,
    ...["--only", "ttl,lifecycle", "--profile", "strict"],
  );
  await server.close();
  expect(stdout).toMatch(/conforms to the strict profile: 24 passed, 0 failed, 0 skipped/);
  expect(code).toBe(0);
});

test("conformance --list prints the cases", async () => {
  const { code, stdout } = await conformance(
    "--list",
    "--only",
    "get/reads-again,bounds/max-bytes",
  );
  expect(stdout).toBe(
    "get/reads-again   required  Get leaves the entry in the cache.\n" +
      "bounds/max-bytes  ours      The values in the cache never take more than maxBytes.\n",
  );
  expect(code).toBe(0);
});

test.each([
  [[], /specify --target, or a command after --; see gestalt-cache-memory conformance --help\n$/],
  [["--target", "x.sock", "--", "x"], /specify either --target or a command, not both/],
  [["--target", "ftp://x"], /--target: unsupported scheme "ftp"/],
  [["--target", "x.sock", "--env", "A=b"], /--env requires a command/],
  [["--token-file", "x", "--", "x"], /--token-file and --tls-ca require --target/],
  [["--target", "x.sock", "--token-file", "/nowhere/token"], /cannot read \/nowhere\/token/],
  [["--env", "A", "--", "x"], /Use NAME=value/],
  [["--only", "gets", "--", "x"], /no conformance case is named "gets"; themes are get, /],
  [["--ttl-unit", "2", "--", "x"], /Use a duration such as 2s or 500ms/],
  [["--profile", "lax", "--", "x"], /Allowed choices are required, recommended, strict/],
])("conformance %j fails with one line and exit code 2", async (args, message) => {
  const { code, stdout, stderr } = await runCommandHere(["conformance", ...args]);
  expect(stderr).toMatch(message);
  expect(stderr.split("\n").length).toBe(2);
  expect({ code, stdout: stdout.toString() }).toEqual({ code: 2, stdout: "" });
});

describe("the progress line", () => {
  const facts = { title: "", section: "3", level: "required", reason: "" } as const;
  const progress = (id: string, outcome: "passed" | "failed", done: number) => ({
    result: {
      ...(outcome === "failed" ? { outcome, sent: [], expected: "", received: "" } : { outcome }),
      case: { ...facts, id },
      durationMs: 1,
    },
    done,
    total: 100,
  });

  test("stays in one line of the terminal, and is erased", () => {
    const written: string[] = [];
    const write = (text: string): number => written.push(text.replace("\r\u001B[2K", "|"));
    const line = createProgressLine({ isTTY: true, columns: 30, write });
    line.show(progress("ttl/expires", "passed", 9));
    line.show(progress("ttl/a-very-long-name-indeed", "failed", 10));
    line.clear();
    expect(written).toEqual(["|  9/100  ttl/expires", "| 10/100, 1 failed  ttl/a-very", "|"]);
  });

  test("is not shown where there is no terminal", () => {
    const line = createProgressLine({
      write: () => {
        throw new Error("nothing is to be written");
      },
    });
    line.show(progress("ttl/expires", "passed", 9));
    line.clear();
  });
});
