/** Program: makes the load that it is sent, answers how it went. */
import { performance } from "node:perf_hooks";
import { connectGrpc, type GrpcConnection } from "./grpc-connection.js";
import type { Load, LoadResult } from "./load-generator.js";
import type { NodeLoadAnswer } from "./node-load.js";

process.once("disconnect", () => process.exit());
process.once("message", (load: Load) => {
  void makeLoad(load).then(
    (result) => answer({ result }),
    (error: unknown) => answer({ error: String(error) }),
  );
});

function answer(message: NodeLoadAnswer): void {
  process.send?.(message);
}

async function makeLoad(load: Load): Promise<LoadResult> {
  const latenciesMs = new Float64Array(load.timed ? load.calls : 0);
  const connections = Array.from({ length: load.connections }, () => connectGrpc(load.socketPath));
  let started = 0;
  let ended = 0;
  let replyBytes = 0;
  const keepCalling = async (connection: GrpcConnection): Promise<void> => {
    while (started < load.calls) {
      started++;
      const start = performance.now();
      const body = await connection.call(load.path, load.frame);
      if (load.timed) latenciesMs[ended++] = performance.now() - start;
      replyBytes += body.length;
    }
  };
  const start = performance.now();
  const lanes = Array.from({ length: load.streams }, () => connections.map(keepCalling)).flat();
  await Promise.all(lanes);
  const callsPerSecond = (load.calls / (performance.now() - start)) * 1000;
  for (const connection of connections) connection.close();
  return { callsPerSecond, replyBytes, latenciesMs: latenciesMs.sort() };
}
