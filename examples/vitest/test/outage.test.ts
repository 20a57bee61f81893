import { Cache } from "gestalt-cache-memory";
import { expect, test } from "vitest";
import { caches } from "../start-caches.js";

/** The code under test: a page that is slower, but not broken, without its cache. */
async function loadPage(cache: Cache, key: string): Promise<string> {
  const cached = await cache.get(key).catch(() => undefined);
  if (cached !== undefined) return new TextDecoder().decode(cached);
  const page = "<h1>Hello</h1>";
  await cache.set(key, new TextEncoder().encode(page)).catch(() => {});
  return page;
}

test("a page is loaded while the cache is down, and cached once it is back", async () => {
  await using cache = new Cache("sessions");
  caches.faults.add({ fail: "unavailable", times: 2 });
  expect(await loadPage(cache, "page")).toBe("<h1>Hello</h1>");
  expect(caches.entries()).toEqual([]);
  await loadPage(cache, "page");
  await loadPage(cache, "page");
  expect(caches.calls().map(({ method, status, hits }) => [method, status, hits])).toEqual([
    ["get", "unavailable", 0],
    ["set", "unavailable", 0],
    ["get", "ok", 0],
    ["set", "ok", 0],
    ["get", "ok", 1],
  ]);
});
