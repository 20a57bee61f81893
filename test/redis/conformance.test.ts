import { afterAll, it, type describe } from "vitest";
import { registerConformance } from "../../src/conformance/index.js";
import { TieredCacheProvider } from "../../src/redis/tiered-cache-provider.js";
import {
  describeWithServer,
  hasServer,
  PRIMARY_NAME,
  startCluster,
  startSentinels,
  startServer,
} from "./support/servers.js";

/** What a server's own eviction decides, and not this provider's bounds. */
const EVICTION = [
  "bounds/max-entries",
  "bounds/max-bytes",
  "bounds/get-counts-as-use",
  "bounds/get-many-counts-as-use",
  "bounds/set-counts-as-use",
  "bounds/touch-counts-as-use",
  "bounds/expired-goes-first",
];

function registerFor(shared: object, tests: typeof describe): void {
  const create = (): TieredCacheProvider => new TieredCacheProvider();
  registerConformance(tests, it, create, {
    clock: "real",
    profile: "strict",
    skip: EVICTION,
    config: { shared },
  });
}

describeWithServer("one server", async () => {
  const server = hasServer ? await startServer() : undefined;
  afterAll(async () => server?.stop());
  registerFor({ url: server?.url ?? "" }, describeWithServer);
});

describeWithServer("one server without a near cache", async () => {
  const server = hasServer ? await startServer() : undefined;
  afterAll(async () => server?.stop());
  registerFor({ url: server?.url ?? "", near: false }, describeWithServer);
});

describeWithServer("Sentinel", async () => {
  const running = hasServer ? await startSentinels() : undefined;
  afterAll(async () => running?.stop());
  const nodes = running?.sentinels.map(({ url }) => url) ?? [];
  registerFor({ sentinel: { name: PRIMARY_NAME, nodes } }, describeWithServer);
});

describeWithServer("a cluster of three", async () => {
  const nodes = hasServer ? await startCluster() : [];
  afterAll(async () => {
    for (const node of nodes) await node.stop();
  });
  registerFor({ cluster: nodes.map(({ url }) => url) }, describeWithServer);
});
