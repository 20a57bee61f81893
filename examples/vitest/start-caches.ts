import { startEphemeralCache } from "gestalt-cache-memory/testing";
import { afterAll, beforeEach } from "vitest";

/** Caches of this test file. Their time stands still until a test advances it. */
export const caches = await startEphemeralCache({
  bindings: ["sessions", "rate-limits"],
  config: { maxBytes: "16MiB" },
  clock: "manual",
});

// The code under test finds them here, and so do the processes that it starts.
Object.assign(process.env, caches.env);

beforeEach(() => caches.reset());
afterAll(() => caches.close());
