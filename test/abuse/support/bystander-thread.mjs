// A client that uses the cache as clients do: one call after another, each answer
// checked. It runs in a thread of its own, so that its figures are the server's and
// not those of the test that is busy attacking.
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";

/** A call that takes longer has failed. */
const DEADLINE_MS = 10_000;

/** The pause between two calls. */
const PACE_MS = 2;

const definition = loadSync("gestalt/provider/v1/cache.proto", {
  includeDirs: [join(import.meta.dirname, "../../../proto")],
});
const { Cache } = grpc.loadPackageDefinition(definition).gestalt.provider.v1;
const client = new Cache(workerData.target, grpc.credentials.createInsecure());

let latenciesMs = [];
let failures = [];

function call(method, request) {
  const begunMs = performance.now();
  return new Promise((resolve) => {
    client[method](request, { deadline: Date.now() + DEADLINE_MS }, (error, reply) => {
      const latencyMs = performance.now() - begunMs;
      latenciesMs.push(latencyMs);
      if (error) failures.push(`${method} after ${latencyMs.toFixed()} ms: ${error.message}`);
      resolve({ reply, latencyMs });
    });
  });
}

/** Writes and reads back. */
async function round(number) {
  const key = `bystander ${number % 10}`;
  const value = Buffer.from(`value ${number}`);
  await call("set", { key, value });
  const { reply } = await call("get", { key });
  // A failed call has been noted already.
  if (reply && !value.equals(reply.value)) failures.push(`wrong value under ${key}`);
}

function takeReport() {
  const sorted = latenciesMs.sort((one, other) => one - other);
  const report = {
    calls: sorted.length,
    failures,
    medianMs: sorted[Math.floor(sorted.length / 2)] ?? 0,
    p99Ms: sorted[Math.floor(sorted.length * 0.99)] ?? 0,
    longestMs: sorted.at(-1) ?? 0,
  };
  latenciesMs = [];
  failures = [];
  return report;
}

parentPort.on("message", async (question) => {
  if (question === "report") parentPort.postMessage(takeReport());
  else parentPort.postMessage((await call("get", { key: "bystander 0" })).latencyMs);
});

for (let number = 0; ; number++) {
  await round(number);
  if (number === 20) parentPort.postMessage("ready");
  await delay(PACE_MS);
}
