import { measureInRounds, RoundRecorder } from "../figures/rounds.js";
import { verifyCase, type CacheCase } from "../load/cache-case.js";
import { CalibratedLoad, type LoadShape } from "../load/calibrated-load.js";
import type { LoadResult } from "../load/load-generator.js";
import type { Bench } from "../measurement.js";
import { cpuTimeUs } from "../process/cpu-time.js";
import type { ServerProcess } from "../servers/server-process.js";

/** The load under which throughput is compared. */
export const USUAL_SHAPE: LoadShape = { connections: 4, streams: 16 };

/** One call at a time. */
export const SINGLE_SHAPE: LoadShape = { connections: 1, streams: 1 };

/** What servers reached under one case, round by round. */
export interface Comparison {
  readonly callsPerSecond: RoundRecorder;
  /** What a call cost the server's process, in microseconds of a core; steady on a busy machine too. */
  readonly cpuUsPerCall: RoundRecorder;
}

/**
 * Checks that every server answers a case rightly, warms each up, and puts the
 * case on them in turns.
 *
 * @param take - gets each counted run's result, with latencies
 */
export async function compareServers(
  bench: Bench,
  servers: readonly ServerProcess[],
  cacheCase: CacheCase,
  shape: LoadShape,
  take?: (server: ServerProcess, result: LoadResult) => void,
): Promise<Comparison> {
  const loads: { server: ServerProcess; load: CalibratedLoad }[] = [];
  for (const server of servers) {
    bench.progress(`${cacheCase.title}: checking and warming up ${server.name}`);
    const replyBytes = await verifyCase(server.socketPath, cacheCase);
    const options = { replyBytes, seconds: bench.seconds, timed: take !== undefined };
    const load = new CalibratedLoad(bench.load, server.socketPath, cacheCase, shape, options);
    await load.warmUp();
    loads.push({ server, load });
  }
  const callsPerSecond = new RoundRecorder();
  const cpuUsPerCall = new RoundRecorder();
  await measureInRounds(loads, bench.rounds, async ({ server, load }, round) => {
    bench.progress(`${cacheCase.title}: round ${round + 1}/${bench.rounds}, ${server.name}`);
    const beforeUs = cpuTimeUs(server.pid);
    const result = await load.run();
    const cpuUs = cpuTimeUs(server.pid) - beforeUs;
    callsPerSecond.record(server.name, result.callsPerSecond);
    cpuUsPerCall.record(server.name, cpuUs / load.calls);
    take?.(server, result);
  });
  return { callsPerSecond, cpuUsPerCall };
}
