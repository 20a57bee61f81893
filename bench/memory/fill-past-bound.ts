import { countHeld, fill, setOneByOne } from "../load/fill.js";
import type { CorePlan } from "../process/cpu-pinning.js";
import { configure, startProviderProcess } from "../process/provider-process.js";
import { startRedis } from "./redis-process.js";
import { measureGrowth, type ResidentGrowth } from "./resident-growth.js";

/** One row of the measurement. */
export interface FillQuestion {
  readonly store: string;
  /** The program that runs the provider, with its name in the table. */
  readonly runtime: Runtime;
  readonly maxBytes: number;
  readonly valueBytes: number;
  /** The idle time before the settled memory is read, in milliseconds. */
  readonly settleMs: number;
  readonly cores: CorePlan;
  readonly withRedis: boolean;
  readonly onProgress: (step: string) => void;
}

/** A program that serves the provider: Node with the published command, or an executable. */
export interface Runtime {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
}

/** The figures of one row. */
export interface FillAnswer {
  readonly store: string;
  readonly runtime: string;
  readonly maxBytes: number;
  readonly valueBytes: number;
  readonly written: number;
  readonly held: number;
  readonly resident: ResidentGrowth;
  /** The same number of the same entries in Redis. */
  readonly redis?: ResidentGrowth;
}

/** How many times the bound is written. */
const TIMES_THE_BOUND = 2.5;

/**
 * The least that each store charges for an entry besides its value, in bytes. Too low a
 * number only writes more.
 */
const ENTRY_OVERHEAD_BYTES: Readonly<Record<string, number>> = { lru: 280, blocks: 56 };

/** The most entries that are written one by one, after those in batches. */
const MAX_SINGLE_WRITES = 50_000;

/**
 * Fills the provider's own process over gRPC, well past its bound, in batches and then one by
 * one, and reads everything back in batches. Fills Redis with what was held.
 */
export async function fillPastBound(question: FillQuestion): Promise<FillAnswer> {
  const { store, runtime, maxBytes, valueBytes, settleMs, cores } = question;
  const written = Math.ceil(
    (TIMES_THE_BOUND * maxBytes) / (valueBytes + (ENTRY_OVERHEAD_BYTES[store] ?? 0)),
  );
  const filling = { entries: written, valueBytes };
  const provider = await startProviderProcess(runtime.command, runtime.args, cores.server);
  let held = 0;
  let resident: ResidentGrowth;
  try {
    const { pid, connection } = provider;
    await configure(connection, { store, maxBytes });
    resident = await measureGrowth(pid, settleMs, async () => {
      await fill(connection, filling, (done) =>
        question.onProgress(
          `${Math.round((100 * done) / written)} % of ${written} entries written`,
        ),
      );
      question.onProgress("counting what is held");
      held = await countHeld(connection, filling);
      question.onProgress("writing one by one");
      await setOneByOne(connection, { entries: Math.min(written, MAX_SINGLE_WRITES), valueBytes });
      await countHeld(connection, filling);
    });
  } finally {
    await provider.stop();
  }
  const answer = { store, runtime: runtime.name, maxBytes, valueBytes, written, held, resident };
  if (!question.withRedis) return answer;
  question.onProgress("the same entries in Redis");
  return { ...answer, redis: await fillRedisWith({ entries: held, valueBytes }, question) };
}

async function fillRedisWith(
  filling: { readonly entries: number; readonly valueBytes: number },
  { settleMs, cores }: FillQuestion,
): Promise<ResidentGrowth> {
  const redis = await startRedis(cores.server);
  try {
    return await measureGrowth(redis.pid, settleMs, () => redis.fill(filling));
  } finally {
    await redis.stop();
  }
}
