import { formatFigure } from "../figures/format.js";
import { measureInRounds, RoundRecorder } from "../figures/rounds.js";
import type { Bench, Measurement } from "../measurement.js";
import { ask, startBenchProgram, stopChild } from "../process/child.js";
import {
  STORE_SUBJECTS,
  type StoreAnswer,
  type StoreQuestion,
  type StoreSubject,
} from "../store/store-subject.js";

interface Filling {
  readonly entries: number;
  readonly valueBytes: number;
}

/** Bytes of values that a store is filled with at most, when values are large. */
const MAX_FILL_BYTES = 64e6;

const BY_ENTRIES: readonly Filling[] = [1e3, 1e4, 1e5, 1e6].map((entries) => ({
  entries,
  valueBytes: 100,
}));
const BY_VALUE: readonly Filling[] = [10, 1e3, 1e4, 1e5, 1e6].map((valueBytes) => ({
  entries: Math.min(1e3, MAX_FILL_BYTES / valueBytes),
  valueBytes,
}));

/** What each store does in a second, without a wire, and how that changes with what is in it. */
export const storeOperations: Measurement = {
  name: "store",
  summary: "operations per second of the stores alone, without a server",
  async measure(bench) {
    const fillings = bench.quick ? BY_ENTRIES.slice(0, 1) : [...BY_ENTRIES, ...BY_VALUE];
    const rows: string[][] = [];
    const figures: object[] = [];
    for (const filling of fillings) {
      const { gets, sets } = await measureFilling(bench, filling);
      figures.push({ ...filling, getsPerSecond: gets, setsPerSecond: sets });
      rows.push([
        filling.entries.toLocaleString("en-US"),
        `${filling.valueBytes.toLocaleString("en-US")} B`,
        ...STORE_SUBJECTS.flatMap((subject) => [
          formatFigure(gets.median(subject)),
          formatFigure(sets.median(subject)),
        ]),
      ]);
    }
    return {
      title: "The stores in process",
      explanation:
        "Operations per second on random keys that the store holds, on one core. Each store has a " +
        "process of its own. Medians of the rounds.",
      columns: [
        "entries",
        "value",
        ...STORE_SUBJECTS.flatMap((subject) => [`${subject}: get/s`, `${subject}: set/s`]),
      ],
      rows,
      notes: [
        "lru-cache keeps and returns the very object that it receives. A server cannot do that: a " +
          "decoded value is a view of its whole request. `lru-cache, copying` copies each value " +
          "that it stores; lru and blocks copy values in and out, count bytes and track deadlines.",
      ],
      figures,
    };
  },
};

async function measureFilling(
  bench: Bench,
  filling: Filling,
): Promise<{ gets: RoundRecorder; sets: RoundRecorder }> {
  const gets = new RoundRecorder();
  const sets = new RoundRecorder();
  const label = `Store with ${filling.entries} x ${filling.valueBytes} B`;
  await measureInRounds(STORE_SUBJECTS, bench.rounds, async (subject, round) => {
    bench.progress(`${label}: round ${round + 1}/${bench.rounds}, ${subject}`);
    const answer = await timeOnce(subject, filling, bench);
    gets.record(subject, answer.getsPerSecond);
    sets.record(subject, answer.setsPerSecond);
  });
  return { gets, sets };
}

async function timeOnce(
  subject: StoreSubject,
  filling: Filling,
  bench: Bench,
): Promise<StoreAnswer> {
  const child = startBenchProgram("store/store-program", [], { core: bench.cores.server });
  try {
    const question: StoreQuestion = { subject, ...filling, seconds: bench.seconds / 4 };
    return await ask<StoreAnswer>(child, question);
  } finally {
    await stopChild(child);
  }
}
