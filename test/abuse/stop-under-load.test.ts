import { existsSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { until } from "../support/child-process.js";
import { createGrpcClient } from "../support/grpc-client.js";
import { startProvider } from "../support/provider-process.js";
import { createRandom, type Random } from "./support/random.js";
import { atScale } from "./support/scale.js";

const TIMES = atScale({ full: 100, quick: 4 });
const AT_ONCE = 2;
const EXIT_MS = 1_500;
const CLIENTS = 4;
const CALLS_AT_ONCE = 8;

const OK = 0;
const UNAVAILABLE = 14;

/** Large enough to take several frames, so that an answer could be cut in half. */
const value = Buffer.alloc(100_000, "x");

/** Calls until the server is gone; `codes` takes the status of every call. */
async function load(target: string, codes: number[]): Promise<void> {
  const client = createGrpcClient(target, "Cache");
  const callOn = async (key: string): Promise<void> => {
    for (let code = OK; code === OK;) {
      ({ code } = await client.call("Set", { key, value }));
      codes.push(code);
      if (code !== OK) return;
      const got = await client.call("Get", { key });
      ({ code } = got);
      codes.push(code);
      // A plain comparison: the assertion that explains is slow on 100 KB.
      if (code === OK && !value.equals(got.reply?.["value"] as Buffer)) codes.push(NaN);
    }
  };
  await Promise.all(Array.from({ length: CALLS_AT_ONCE }, (_, index) => callOn(`key ${index}`)));
  client.close();
}

async function stopOnce(random: Random): Promise<void> {
  const provider = await startProvider();
  await provider.client("ProviderLifecycle").call("ConfigureProvider", { protocol_version: 3 });
  const codes = Array.from({ length: CLIENTS }, (): number[] => []);
  const loads = codes.map((each) => load(`unix://${provider.socketPath}`, each));
  await until(() => codes.every(({ length }) => length > 0), { what: "all clients are at work" });
  await delay(random.below(100));
  const begunMs = performance.now();
  provider.signal("SIGTERM");
  expect(await provider.ended).toEqual({ code: 0, signal: null });
  expect(performance.now() - begunMs).toBeLessThan(EXIT_MS);
  expect(existsSync(provider.socketPath)).toBe(false);
  expect(provider.stderr()).toBe("");
  await Promise.all(loads);
  // What was not answered whole has the one status that says so: try again elsewhere.
  for (const each of codes) expect(new Set(each)).toEqual(new Set([OK, UNAVAILABLE]));
}

test(
  `SIGTERM under load cuts off no reply and ends the process in time, ${TIMES} times`,
  { timeout: 300_000 },
  async () => {
    let left = TIMES;
    const stopRepeatedly = async (seed: number): Promise<void> => {
      const random = createRandom(seed);
      while (left-- > 0) await stopOnce(random);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, (_, seed) => stopRepeatedly(seed)));
  },
);
