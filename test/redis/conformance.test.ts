import { expect, test } from "vitest";
import { runConformance } from "../../src/conformance/index.js";
import { inProcessSubject } from "../../src/conformance/subjects/in-process-subject.js";
import { TieredCacheProvider } from "../../src/redis/tiered-cache-provider.js";
import {
  describeWithServer,
  PRIMARY_NAME,
  startCluster,
  startSentinels,
  startServer,
} from "./support/servers.js";

/** What the server's own eviction decides, and not the limits of this provider. */
const EVICTION = [
  "bounds/max-entries",
  "bounds/max-bytes",
  "bounds/get-counts-as-use",
  "bounds/get-many-counts-as-use",
  "bounds/set-counts-as-use",
  "bounds/touch-counts-as-use",
  "bounds/expired-goes-first",
];

/** The cases of a profile that failed. */
async function failuresWith(
  shared: object,
  profile: "recommended" | "strict" = "recommended",
): Promise<unknown[]> {
  const subject = inProcessSubject(() => new TieredCacheProvider(), { clock: "real" });
  const { results } = await runConformance(subject, {
    profile,
    skip: EVICTION,
    config: { shared },
  });
  const failed = results.filter(({ outcome }) => outcome === "failed");
  if (failed.length === 0) {
    expect(results.filter(({ outcome }) => outcome === "passed").length).toBeGreaterThan(60);
  }
  return failed;
}

describeWithServer("the conformance cases pass", () => {
  test("with one server, with and without a near cache", async () => {
    const server = await startServer();
    expect(await failuresWith({ url: server.url }, "strict")).toEqual([]);
    expect(await failuresWith({ url: server.url, near: false }, "strict")).toEqual([]);
    await server.stop();
  }, 60_000);

  test("with Sentinel", async () => {
    const { sentinels, ...running } = await startSentinels();
    const nodes = sentinels.map(({ url }) => url);
    expect(await failuresWith({ sentinel: { name: PRIMARY_NAME, nodes } })).toEqual([]);
    await running.stop();
  }, 60_000);

  test("with a cluster of three primaries", async () => {
    const nodes = await startCluster();
    expect(await failuresWith({ cluster: nodes.map(({ url }) => url) })).toEqual([]);
    for (const node of nodes) await node.stop();
  }, 60_000);
});
