import { Cache } from "gestalt-cache-memory";
import { expect, test } from "vitest";
import { caches } from "../start-caches.js";

const DAY_MS = 24 * 60 * 60 * 1000;

test("a session that is not touched ends", async () => {
  await using sessions = new Cache("sessions");
  await sessions.set("left alone", Uint8Array.of(1), { ttlMs: DAY_MS });
  await sessions.set("touched", Uint8Array.of(1), { ttlMs: DAY_MS });
  await caches.clock.advance(DAY_MS - 1);
  expect(await sessions.touch("touched", DAY_MS)).toBe(true);
  await caches.clock.advance(1);
  expect(await sessions.get("left alone")).toBeUndefined();
  expect(await sessions.get("touched")).toEqual(Uint8Array.of(1));
});
