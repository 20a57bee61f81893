import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { until } from "../support/child-process.js";
import { residentBytes } from "../../bench/process/resident-memory.js";
import { expectUnharmed, startBystander } from "./support/bystander.js";
import { ChurningClient } from "./support/churning-client.js";
import { createRandom } from "./support/random.js";
import { startVictim } from "./support/victim.js";

const MIB = 2 ** 20;

/** How long it goes on; `npm run suite -- soak` says. */
const SECONDS = Number(process.env["GESTALT_CACHE_MEMORY_SOAK_SECONDS"] ?? 4);
const SAMPLES_A_SECOND = 4;

/** From here on somebody is watching, and wants to hear how it goes. */
const REPORTED_SECONDS = 30;

const CLIENTS = 8;
const MAX_BYTES = 32 * MIB;

/**
 * What docs/operations.md allows the process beside its entries: 32 MiB of garbage, and the
 * requests and replies that are under way (`maxBytesInFlight` and the reserve for small
 * replies).
 */
const BESIDE_BYTES = (32 + 64 + 16) * MIB;

/** How much more than in the third before it may have in the last, by chance. */
const NOISE_BYTES = 16 * MIB;

const SEED = Number(process.env["GESTALT_CACHE_MEMORY_SEED"] ?? 20_260_504);

const peak = (samples: readonly number[]): number => Math.max(...samples);

test(
  `${SECONDS} s of full load with changing keys and connections stay within the bounds`,
  { timeout: SECONDS * 1_000 + 60_000 },
  async () => {
    const victim = await startVictim("under the host", { maxBytes: MAX_BYTES });
    const bystander = await startBystander(victim.target);
    const idleBytes = residentBytes(victim.pid);
    const openFiles = (): number => readdirSync(`/proc/${victim.pid}/fd`).length;
    const idleFiles = openFiles();
    const endMs = performance.now() + SECONDS * 1_000;
    const samples: number[] = [];
    let calls = 0;
    const problems: string[] = [];

    const look = (): void => {
      samples.push(residentBytes(victim.pid) - idleBytes);
      if (SECONDS < REPORTED_SECONDS || samples.length % (10 * SAMPLES_A_SECOND) !== 0) return;
      const grownMiB = Math.round((samples.at(-1) ?? 0) / MIB);
      console.log(`${samples.length / SAMPLES_A_SECOND} s: ${calls} calls, ${grownMiB} MiB`);
    };
    const looking = setInterval(look, 1_000 / SAMPLES_A_SECOND);
    const comeAndGo = async (name: string, seed: number): Promise<void> => {
      const random = createRandom(seed);
      for (let visit = 0; performance.now() < endMs; visit++) {
        const client = new ChurningClient(
          victim.target,
          `${name}.${visit}`,
          seed + visit * CLIENTS,
        );
        await client.run(200 + random.below(2_000));
        calls += client.calls;
        problems.push(...client.problems);
      }
    };
    await Promise.all(
      Array.from({ length: CLIENTS }, (_, index) => comeAndGo(`client ${index}`, SEED + index)),
    );
    clearInterval(looking);

    expect(problems).toEqual([]);
    expect(calls).toBeGreaterThan(SECONDS * 100);
    expect(peak(samples)).toBeLessThan(MAX_BYTES + BESIDE_BYTES);
    const third = Math.floor(samples.length / 3);
    const before = peak(samples.slice(third, 2 * third));
    expect(peak(samples.slice(2 * third))).toBeLessThan(before + NOISE_BYTES);
    await expectUnharmed(bystander);
    expect(victim.complaints()).toBe("");
    await until(() => openFiles() <= idleFiles, { what: () => `${openFiles()} files are open` });
  },
);
