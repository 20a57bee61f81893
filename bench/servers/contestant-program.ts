/** Program: a contestant around this project's store, in a process of its own. */
import { createMemoryCacheProvider } from "../../src/memory/memory-cache-provider.js";
import type { StartContestant } from "./contestant.js";

const [contestant = "", socketPath = "", maxBytes] = process.argv.slice(2);

const provider = createMemoryCacheProvider({
  config: { maxBytes: Number(maxBytes), maxEntryBytes: 4 * 2 ** 20 - 17 },
});
const start = await loadContestant(contestant);
await start(provider, socketPath);

process.once("disconnect", () => process.exit());
process.send?.({});

/** Loaded by need: what one contestant imports must not weigh on another's memory. */
async function loadContestant(name: string): Promise<StartContestant> {
  switch (name) {
    case "connect":
      return (await import("./connect-server.js")).startConnectServer;
    case "grpc-js":
      return (await import("./grpc-js-server.js")).startGrpcJsServer;
    case "floor":
      return (await import("./floor-server.js")).startFloorServer;
    case "frames":
      return (await import("../experiments/frame-server.js")).startFrameServer;
    default:
      throw new Error(`no server named ${name}`);
  }
}
