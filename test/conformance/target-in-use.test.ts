import { expect, onTestFinished, test } from "vitest";
import {
  runConformance,
  targetSubject,
  type ConformanceOptions,
  type ConformanceReport,
} from "../../src/conformance/index.js";
import { tempSocketPath } from "../support/temp-directory.js";
import { failuresOf, skippedOf } from "./failures.js";
import { bind, createParts, createServer } from "./independent-provider.mjs";

const IN_USE =
  "needs to configure the target, which is in use; pass a configuration (--config) to allow it";

/** Runs cases against a provider that the host has configured, or that has no configuration. */
async function run(
  configured: object | undefined,
  options: ConformanceOptions = {},
): Promise<{ report: ConformanceReport; requests: readonly object[] }> {
  const parts = createParts();
  parts.configured = configured;
  const requests: object[] = [];
  const configure = parts.lifecycle["ConfigureProvider"];
  parts.lifecycle["ConfigureProvider"] = (request) => {
    requests.push(request);
    return configure?.(request);
  };
  const server = createServer(parts);
  const path = tempSocketPath();
  await bind(server, `unix:${path}`);
  onTestFinished(() => server.forceShutdown());
  const subject = targetSubject({ kind: "unix", path });
  const only = ["get/reads-again", "lifecycle"];
  const report = await runConformance(subject, { profile: "strict", only, ...options });
  return { report, requests };
}

const BY_HOST = { name: "session", protocol_version: 5 };

test("a target that serves its cache is not configured, and cases that configure are skipped", async () => {
  const { report, requests } = await run(BY_HOST);
  expect(requests).toEqual([]);
  expect(failuresOf(report)).toEqual([]);
  expect(skippedOf(report)).toEqual({ [IN_USE]: 8 });
  expect(report.passed).toBe(4);
});

test("a target that serves its cache is configured when the run has a configuration", async () => {
  const { report, requests } = await run(BY_HOST, { config: { maxBytes: 1000 } });
  expect(requests[0]).toMatchObject({
    name: "conformance",
    config: { fields: { maxBytes: { numberValue: 1000 } } },
  });
  expect(failuresOf(report)).toEqual([]);
  expect(report.skipped).toBe(0);
});

test("an empty configuration is a configuration", async () => {
  const { report, requests } = await run(BY_HOST, { config: {} });
  expect(requests[0]).toMatchObject({ name: "conformance" });
  expect(report.skipped).toBe(0);
});

test("a target that refuses calls until it is configured is configured", async () => {
  const { report, requests } = await run(undefined);
  expect(requests[0]).toMatchObject({ name: "conformance" });
  expect(failuresOf(report)).toEqual([]);
  expect(report.skipped).toBe(0);
});
