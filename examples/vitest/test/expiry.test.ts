import { Cache } from "gestalt-cache-memory";
import { expect, test } from "vitest";

test("a session expires unless it is touched", async () => {
  await using sessions = new Cache("sessions");
  await sessions.set("short", Uint8Array.of(1), { ttlMs: 20 });
  await sessions.set("touched", Uint8Array.of(1), { ttlMs: 5_000 });
  expect(await sessions.touch("touched", 60_000)).toBe(true);
  await expect.poll(() => sessions.get("short"), { timeout: 5_000 }).toBeUndefined();
  expect(await sessions.get("touched")).toEqual(Uint8Array.of(1));
});
