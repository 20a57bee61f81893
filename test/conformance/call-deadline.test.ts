import http2 from "node:http2";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { runConformance, targetSubject } from "../../src/conformance/index.js";
import { tempSocketPath } from "../support/temp-directory.js";

/** Serves a status for every call, after so many milliseconds; records the `grpc-timeout` headers. */
async function serveStatus(status: string, delayMs: number) {
  const timeouts: unknown[] = [];
  const server = http2.createServer().on("stream", (stream, headers) => {
    timeouts.push(headers["grpc-timeout"]);
    stream.on("error", () => undefined);
    void sleep(delayMs).then(() => {
      if (stream.destroyed) return;
      stream.respond({
        ":status": 200,
        "content-type": "application/grpc",
        "grpc-status": status,
        "grpc-message": "from the server",
      });
      stream.end();
    });
  });
  const path = tempSocketPath();
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(() => void server.close());
  return { subject: targetSubject({ kind: "unix", path }), timeouts };
}

test.each([
  [300, "300m"],
  [0.5 + 1000, "1001m"],
  [3_600_000, "3600000m"],
])("with a time limit of %d ms, every call has the deadline %s", async (callTimeoutMs, header) => {
  const { subject, timeouts } = await serveStatus("13", 0);
  await runConformance(subject, { callTimeoutMs, only: ["get"] });
  expect(new Set(timeouts)).toEqual(new Set([header]));
});

test("a server that ends a call at its deadline has not replied to it", async () => {
  const { subject } = await serveStatus("4", 260);
  const { problem } = await runConformance(subject, { callTimeoutMs: 300, only: ["get"] });
  expect(problem).toMatch(/no reply within 300 ms$/);
});

test("DEADLINE_EXCEEDED long before the deadline is a status like any other", async () => {
  const { subject } = await serveStatus("4", 0);
  const { problem } = await runConformance(subject, { callTimeoutMs: 5000, only: ["get"] });
  expect(problem).toMatch(/DEADLINE_EXCEEDED: from the server$/);
});
