/** Program: one contestant in a process of its own, driven by {@link ServerProcess}. */
import type { StoreKind } from "../../src/memory/config/config-schema.js";
import { createMemoryCacheProvider } from "../../src/memory/memory-cache-provider.js";
import type { Contestant, StartContestant } from "./contestant.js";
import type { ServerAnswer } from "./server-process.js";

const [contestant, socketPath, maxBytes, store] = process.argv.slice(2) as [
  Contestant,
  string,
  string,
  StoreKind,
];

const provider = createMemoryCacheProvider({
  config: { store, maxBytes: Number(maxBytes), maxEntryBytes: 4 * 2 ** 20 - 17 },
});
const start = await loadContestant(contestant);
await start(provider, socketPath);

process.on("message", tell);
process.once("disconnect", () => process.exit());
tell();

function tell(): void {
  const { user, system } = process.cpuUsage();
  const answer: ServerAnswer = { statistics: provider.statistics(), cpuUs: user + system };
  process.send?.(answer);
}

/** Loaded by need: what one contestant imports must not weigh on another's memory. */
async function loadContestant(name: Contestant): Promise<StartContestant> {
  switch (name) {
    case "lean":
      return (await import("./lean-server.js")).startLeanServer;
    case "connect":
      return (await import("./connect-server.js")).startConnectServer;
    case "grpc-js":
      return (await import("./grpc-js-server.js")).startGrpcJsServer;
    case "floor":
      return (await import("./floor-server.js")).startFloorServer;
  }
}
