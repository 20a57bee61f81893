import { expect, test } from "vitest";
import { startProvider } from "../support/provider-process.js";
import { residentBytes } from "../../bench/process/resident-memory.js";

const MIB = 2 ** 20;
const ROUNDS = 80;

/**
 * A decoded value is a view into the whole request. A provider that keeps the view
 * of a ten-byte value keeps its 3 MiB neighbour as well: 240 MiB after 80 rounds.
 */
test("a small value does not keep its large request in memory", async () => {
  const provider = await startProvider();
  await provider.client("ProviderLifecycle").call("ConfigureProvider", { protocol_version: 3 });
  const cache = provider.client("Cache");
  const large = Buffer.alloc(3 * MIB, "x");
  const idle = residentBytes(provider.pid);

  for (let round = 0; round < ROUNDS; round++) {
    const small = Buffer.from(`value ${String(round).padStart(4, "0")}`);
    const entries = [
      { key: "large", value: large },
      { key: `small ${round}`, value: small },
    ];
    expect((await cache.call("SetMany", { entries })).code).toBe(0);
    expect((await cache.call("Delete", { key: "large" })).reply).toEqual({ deleted: true });
  }

  const keys = Array.from({ length: ROUNDS }, (_, round) => `small ${round}`);
  const { reply } = await cache.call("GetMany", { keys });
  const found = (reply?.["entries"] as { found: boolean }[]).filter((entry) => entry.found);
  expect(found).toHaveLength(ROUNDS);
  await expect
    .poll(() => Math.round((residentBytes(provider.pid) - idle) / MIB), { timeout: 5_000 })
    .toBeLessThan(96);
});
