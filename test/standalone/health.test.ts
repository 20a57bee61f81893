import { expect, test } from "vitest";
import { until } from "../support/child-process.js";
import { callUnary, startStreamingCall } from "../support/grpc-services.js";
import { serveStandalone } from "../support/standalone.js";

const HEALTH = "grpc.health.v1.Health";
const NOT_FOUND = 5;

test.each(["", "gestalt.provider.v1.Cache"])("Check returns SERVING for %j", async (service) => {
  const { target } = await serveStandalone();
  const { code, reply } = await callUnary(target, HEALTH, "Check", { service });
  expect([code, reply]).toEqual([0, { status: "SERVING" }]);
});

test("Check of an unknown service is NOT_FOUND", async () => {
  const { target } = await serveStandalone();
  const service = "gestalt.provider.v1.ProviderLifecycle";
  const { code, details } = await callUnary(target, HEALTH, "Check", { service });
  expect([code, details]).toEqual([NOT_FOUND, `unknown service "${service}"`]);
});

test("List names every service that is served", async () => {
  const { target } = await serveStandalone();
  const { reply } = await callUnary(target, HEALTH, "List", {});
  expect(reply).toEqual({
    statuses: {
      "": { status: "SERVING" },
      "gestalt.provider.v1.Cache": { status: "SERVING" },
    },
  });
});

test("Watch sends NOT_SERVING when the server stops, and does not delay it", async () => {
  const { server, target } = await serveStandalone({ limits: { drainTimeoutMs: 60_000 } });
  const call = startStreamingCall(target, HEALTH, "Watch", { service: "" });
  await until(() => call.replies.length > 0);
  await server.close();
  expect((await call.ended).code).toBe(0);
  expect(call.replies).toEqual([{ status: "SERVING" }, { status: "NOT_SERVING" }]);
});

test("Watch of an unknown service stays open", async () => {
  const { server, target } = await serveStandalone();
  const call = startStreamingCall(target, HEALTH, "Watch", { service: "x" });
  await until(() => call.replies.length > 0);
  await server.close();
  expect((await call.ended).code).toBe(0);
  expect(call.replies).toEqual([{ status: "SERVICE_UNKNOWN" }]);
});

test("a cancelled Watch ends", async () => {
  const { server, target } = await serveStandalone({ limits: { drainTimeoutMs: 60_000 } });
  const call = startStreamingCall(target, HEALTH, "Watch", { service: "" });
  await until(() => call.replies.length > 0);
  call.cancel();
  expect((await call.ended).code).toBe(1);
  await server.close();
});

test("streams above the limit are refused, and calls are not", async () => {
  const { target } = await serveStandalone();
  const calls = Array.from({ length: 257 }, () =>
    startStreamingCall(target, HEALTH, "Watch", { service: "" }),
  );
  const { code, details } = await Promise.race(calls.map(({ ended }) => ended));
  expect([code, details]).toEqual([8, "too many streams are open, the limit is 256"]);
  expect((await callUnary(target, HEALTH, "Check", { service: "" })).code).toBe(0);
  calls[0]?.cancel();
  await calls[0]?.ended;
  const next = startStreamingCall(target, HEALTH, "Watch", { service: "" });
  await until(() => next.replies.length > 0);
});
