/** Program: `npm run bench -- expiry`. Measures how mass expiry delays readers, and how long a store blocks the event loop. */
import { parseArgs } from "node:util";
import { createExpiryReport } from "./expiry/expiry-report.js";
import { measureExpiry, type ExpiryOptions } from "./expiry/measure-expiry.js";
import { STORE_KINDS, type StoreKind } from "../src/memory/config/config-schema.js";
import { measureHolds } from "./holds/measure-holds.js";
import type { Report } from "./measurement.js";
import { parsePositive, parsePositiveList, UsageError } from "./options.js";
import { planCores } from "./process/cpu-pinning.js";
import { assertIdle, describeMachine } from "./report/machine.js";
import { Progress } from "./report/progress.js";
import { publish } from "./report/publish.js";

const HELP = `usage: npm run bench -- expiry [options]

Measures how expiry delays readers, and how long each store holds the event loop.

  --only NAME    measure only this: readers or holds
  --stores LIST  stores to measure (default lru,blocks)
  --entries N    number of entries (default 1000000)
  --spread S     seconds over which their TTLs are spread (default 10)
  --reads N      reads per second while they expire (default 2000)
  --bounds LIST  bounds in MiB for the holds of the event loop (default 16,64,256)
  --rounds N     number of measurements of each hold (default 3)
  --quick        20,000 entries over a second: checks that the bench works; no usable figures
  --json FILE    write all figures to a file, not to the last line of the output
  --write-docs   write the tables to docs/performance.md, on an idle machine only
  --help         print this help
`;

const { values: options } = parseArgs({
  options: {
    only: { type: "string" },
    stores: { type: "string" },
    entries: { type: "string" },
    spread: { type: "string" },
    reads: { type: "string" },
    bounds: { type: "string" },
    rounds: { type: "string" },
    quick: { type: "boolean", default: false },
    json: { type: "string" },
    "write-docs": { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (options.help) process.stdout.write(HELP);
else await main();

async function main(): Promise<void> {
  const { quick } = options;
  const progress = new Progress();
  const machine = describeMachine();
  if (options["write-docs"]) assertIdle(machine);
  const cores = planCores();
  const stores = parseStores(options.stores);
  const only = parseOnly(options.only);
  const expiryOptions: Omit<ExpiryOptions, "store"> = {
    entries: parsePositive("--entries", options.entries ?? (quick ? "20000" : "1000000")),
    spreadSeconds: parsePositive("--spread", options.spread ?? (quick ? "1" : "10")),
    waitSeconds: quick ? 1 : 2,
    readsPerSecond: parsePositive("--reads", options.reads ?? "2000"),
    cores,
    progress: (step) => progress.say(step),
  };
  const bounds = parsePositiveList("--bounds", options.bounds ?? (quick ? "4" : "16,64,256"));
  const rounds = parsePositive("--rounds", options.rounds ?? (quick ? "1" : "3"));
  const reports = new Map<string, Report>();
  for (const store of only === "holds" ? [] : stores) {
    const storeOptions = { ...expiryOptions, store };
    const figures = await measureExpiry(storeOptions);
    reports.set(`expiry-${store}`, createExpiryReport(figures, storeOptions));
  }
  if (only !== "readers") {
    const { progress: say } = expiryOptions;
    reports.set("holds", await measureHolds({ stores, bounds, rounds, cores, progress: say }));
  }
  progress.end();
  await publish(
    { script: "bench -- expiry", machine, setup: [cores.description], reports },
    { json: options.json, writeDocs: options["write-docs"] },
  );
}

function parseStores(list: string | undefined): readonly StoreKind[] {
  if (list === undefined) return STORE_KINDS;
  const names = list.split(",");
  const unknown = names.find((name) => !(STORE_KINDS as readonly string[]).includes(name));
  if (unknown !== undefined)
    throw new UsageError(`no store named ${unknown}; the stores: ${STORE_KINDS.join(", ")}`);
  return STORE_KINDS.filter((store) => names.includes(store));
}

function parseOnly(name: string | undefined): "readers" | "holds" | undefined {
  if (name === undefined || name === "readers" || name === "holds") return name;
  throw new UsageError(`--only must be readers or holds, got ${name}`);
}
