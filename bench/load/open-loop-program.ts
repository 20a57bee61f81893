/** Program: makes the calls that it is asked for when they are due, answers how long each took. */
import { performance } from "node:perf_hooks";
import { Cache } from "../../src/rpc/gen/gestalt/provider/v1/cache_pb.js";
import { createKey, createRandom } from "../figures/random.js";
import { connectGrpc } from "./grpc-connection.js";
import { createMixedCalls, type PreparedCall } from "./mixed-calls.js";
import type { OpenLoop, OpenLoopAnswer, OpenLoopResult } from "./open-loop.js";
import { methodPath } from "../../src/conformance/grpc/grpc-request.js";
import { encodeRequest } from "./unary-call.js";

const CONNECTIONS = 4;

process.once("disconnect", () => process.exit());
process.once("message", (loop: OpenLoop) => {
  void makeCalls(loop).then(answer, (error: unknown) => answer({ error: String(error) }));
});

function answer(message: OpenLoopAnswer): void {
  process.send?.(message);
}

async function makeCalls(loop: OpenLoop): Promise<OpenLoopResult> {
  const { socketPath, callsPerSecond } = loop;
  const nextCall = createCalls(loop);
  const connections = Array.from({ length: CONNECTIONS }, () => connectGrpc(socketPath));
  const latenciesMs = new Float64Array(Math.round(callsPerSecond * loop.seconds));
  const start = performance.now();
  const call = async (index: number): Promise<void> => {
    const dueMs = start + (index / callsPerSecond) * 1000;
    const { path, frame } = nextCall();
    await connections[index % CONNECTIONS]?.call(path, frame);
    latenciesMs[index] = performance.now() - dueMs;
  };
  await new Promise<void>((resolve, reject) => {
    let sent = 0;
    let answered = 0;
    const onAnswer = (): void => {
      if (++answered === latenciesMs.length) resolve();
    };
    // Polls the time, since a timer would be late by up to a millisecond.
    const sendDue = (): void => {
      const due = ((performance.now() - start) / 1000) * callsPerSecond;
      while (sent < due && sent < latenciesMs.length) call(sent++).then(onAnswer, reject);
      if (sent < latenciesMs.length) setImmediate(sendDue);
    };
    sendDue();
  });
  for (const connection of connections) connection.close();
  return { latenciesMs: latenciesMs.sort() };
}

function createCalls({ calls, seed }: OpenLoop): () => PreparedCall {
  if (calls.kind === "mixed") return createMixedCalls(seed);
  const method = Cache.method.get;
  const path = methodPath(method);
  const random = createRandom(seed);
  return () => {
    const key = createKey(Math.floor(random() * calls.keys));
    return { path, frame: encodeRequest(method, { key }) };
  };
}
