import { startEphemeralCache } from "gestalt-cache-memory/testing";

/** Starts a fresh cache for each binding before the first test, and closes them after the last. */
export default async function setup(): Promise<() => Promise<void>> {
  const caches = await startEphemeralCache({
    bindings: ["sessions", "rate-limits"],
    config: { maxBytes: "16MiB" },
  });
  // The test processes inherit these variables, and so do the programs that they start.
  Object.assign(process.env, caches.env);
  return () => caches.close();
}
