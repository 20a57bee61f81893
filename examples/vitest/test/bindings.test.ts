import { Cache } from "gestalt-cache-memory";
import { expect, test } from "vitest";

test("each binding has its own cache", async () => {
  await using sessions = new Cache("sessions");
  await using rateLimits = new Cache("rate-limits");
  await sessions.set("user:1", new TextEncoder().encode("Ada"));
  expect(await sessions.get("user:1")).toEqual(new TextEncoder().encode("Ada"));
  expect(await rateLimits.get("user:1")).toBeUndefined();
});
