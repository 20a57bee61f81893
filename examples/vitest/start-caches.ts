import { startEphemeralCache } from "gestalt-cache-memory/testing";

/** Before the first test: a fresh cache for each binding. After the last: all gone. */
export default async function setup(): Promise<() => Promise<void>> {
  const caches = await startEphemeralCache({
    bindings: ["sessions", "rate-limits"],
    config: { maxBytes: "16MiB" },
  });
  // The processes that run the tests inherit it, and what they start does too.
  Object.assign(process.env, caches.env);
  return () => caches.close();
}
