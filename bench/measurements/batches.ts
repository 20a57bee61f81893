import { formatFigure, formatRatio } from "../figures/format.js";
import {
  createGetCase,
  createGetManyCase,
  createSetCase,
  createSetManyCase,
  type CacheCase,
} from "../load/cache-case.js";
import { serverOptions, type Bench, type Measurement } from "../measurement.js";
import { CONTESTANT_TITLES } from "../servers/contestant.js";
import { withServers, type ServerProcess } from "../servers/server-process.js";
import { compareServers, USUAL_SHAPE } from "./compare-servers.js";

const VALUE_BYTES = 100;
const BATCH_SIZES = [100, 1_000];

/** Keys per second of every contestant, and of the same with one key a call. */
interface BatchFigures {
  readonly title: string;
  readonly keysPerSecond: Readonly<Record<string, number>>;
  /** Unset for the calls with one key. */
  readonly timesSingle?: Readonly<Record<string, number>>;
}

/** Keys per second when many go in one call, beside one key a call. */
export const batches: Measurement = {
  name: "batches",
  summary: "keys per second of GetMany and SetMany, beside Get and Set",
  measure: (bench) =>
    withServers(bench.contestants, serverOptions(bench), async (servers) => {
      const figures: BatchFigures[] = [];
      const kinds = [
        [createGetCase, createGetManyCase, "Get"],
        [createSetCase, createSetManyCase, "Set"],
      ] as const;
      for (const [createSingle, createMany, name] of kinds) {
        const single = await keysPerSecond(bench, servers, createSingle(name, VALUE_BYTES));
        figures.push({ title: name, keysPerSecond: single });
        for (const keys of bench.quick ? BATCH_SIZES.slice(0, 1) : BATCH_SIZES) {
          const title = `${name}Many of ${keys}`;
          const many = await keysPerSecond(bench, servers, createMany(title, keys, VALUE_BYTES));
          const timesSingle = Object.fromEntries(
            bench.contestants.map((server) => [
              server,
              (many[server] ?? 0) / (single[server] ?? 0),
            ]),
          );
          figures.push({ title, keysPerSecond: many, timesSingle });
        }
      }
      return {
        title: "Batches",
        explanation:
          "Keys per second with values of 100 B, on 4 connections with 16 calls in flight each. In " +
          "brackets: the ratio to the same server with one key per call. Medians of the rounds.",
        columns: ["call", ...bench.contestants.map((name) => CONTESTANT_TITLES[name]), "aim"],
        rows: figures.map((each) => rowFrom(each, bench.contestants)),
        notes: [],
        figures,
      };
    }),
};

async function keysPerSecond(
  bench: Bench,
  servers: readonly ServerProcess[],
  cacheCase: CacheCase,
): Promise<Record<string, number>> {
  const { callsPerSecond } = await compareServers(bench, servers, cacheCase, USUAL_SHAPE);
  const figures = bench.contestants.map((name) => [
    name,
    callsPerSecond.median(name) * cacheCase.keysPerCall,
  ]);
  return Object.fromEntries(figures) as Record<string, number>;
}

function rowFrom(
  { title, keysPerSecond, timesSingle }: BatchFigures,
  names: readonly string[],
): string[] {
  const cells = names.map((name) => {
    const keys = formatFigure(keysPerSecond[name] ?? Number.NaN);
    const times = timesSingle?.[name];
    return times === undefined ? keys : `${keys} (${formatRatio(times)})`;
  });
  return [title, ...cells, timesSingle === undefined ? "" : "10x"];
}
