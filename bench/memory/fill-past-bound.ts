import { countHeld, fill } from "../load/fill.js";
import type { CorePlan } from "../process/cpu-pinning.js";
import { configure, PROVIDER_PROGRAM, startProviderProcess } from "../process/provider-process.js";
import { startRedis } from "./redis-process.js";
import { measureGrowth, type ResidentGrowth } from "./resident-growth.js";

/** One row of the measurement. */
export interface FillQuestion {
  readonly maxBytes: number;
  readonly valueBytes: number;
  /** How long a process is left alone before its memory counts as settled. */
  readonly settleMs: number;
  readonly cores: CorePlan;
  readonly withRedis: boolean;
  readonly onProgress: (step: string) => void;
}

/** What it found. */
export interface FillAnswer {
  readonly maxBytes: number;
  readonly valueBytes: number;
  readonly written: number;
  readonly held: number;
  readonly resident: ResidentGrowth;
  /** The same number of the same entries in Redis. */
  readonly redis?: ResidentGrowth;
}

/** How many times more than fits is written. */
const TIMES_THE_BOUND = 3.2;

/**
 * What an entry of small values costs at least, besides its value: 16 bytes of
 * key and some bookkeeping. Too low a guess only fills the cache more often.
 */
const MIN_ENTRY_OVERHEAD_BYTES = 56;

/** Fills the provider's own process over gRPC, well past its bound, and Redis with what was held. */
export async function fillPastBound(question: FillQuestion): Promise<FillAnswer> {
  const { maxBytes, valueBytes, settleMs, cores } = question;
  const written = Math.ceil((TIMES_THE_BOUND * maxBytes) / (valueBytes + MIN_ENTRY_OVERHEAD_BYTES));
  const filling = { entries: written, valueBytes };
  const provider = await startProviderProcess(process.execPath, [PROVIDER_PROGRAM], cores.server);
  let held: number;
  let resident: ResidentGrowth;
  try {
    const { pid, connection } = provider;
    await configure(connection, { maxBytes });
    resident = await measureGrowth(pid, settleMs, () =>
      fill(connection, filling, (done) =>
        question.onProgress(
          `${Math.round((100 * done) / written)} % of ${written} entries written`,
        ),
      ),
    );
    question.onProgress("counting what is held");
    held = await countHeld(connection, filling);
  } finally {
    await provider.stop();
  }
  const answer = { maxBytes, valueBytes, written, held, resident };
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
