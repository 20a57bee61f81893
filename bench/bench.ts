/** Program: `npm run bench`. Measures the speed of the server and the store, beside others. */
import { parseArgs } from "node:util";
import { findLoadGenerator } from "./load/find-load-generator.js";
import type { Bench, Report } from "./measurement.js";
import { MEASUREMENTS } from "./measurements/all.js";
import { parsePositive, UsageError } from "./options.js";
import { planCores } from "./process/cpu-pinning.js";
import { chooseContestants } from "./servers/available-contestants.js";
import { CONTESTANT_TITLES, CONTESTANTS } from "./servers/contestant.js";
import { assertIdle, describeMachine } from "./report/machine.js";
import { Progress } from "./report/progress.js";
import { publish } from "./report/publish.js";

const HELP = `usage: npm run bench -- [options]          speed, in comparison with other servers
       npm run bench -- memory [options]   memory, in comparison with maxBytes
       npm run bench -- expiry [options]   delays while entries expire

Each program prints tables, which docs/performance.md explains, and has options of its own: see
\`npm run bench -- memory --help\`. \`node bench/run.mjs\` does the same without a build before it.

options of the first program:
  --only NAME        measure only this, see below; repeatable
  --rounds N         number of measurements of each server (default 7)
  --seconds S        approximate length of one load, in seconds (default 2)
  --servers LIST     compare only these, see below; separated by commas
  --quick            two short rounds: checks that the bench works; no usable figures
  --load NAME        program that makes the calls: h2load or node (default: h2load when it is installed)
  --executable FILE  measure this standalone executable as well
  --json FILE        write all figures to a file, not to the last line of the output
  --write-docs       put the tables into docs/performance.md, on an idle machine only
  --help             print this help

measurements, in this order:
${list(MEASUREMENTS.map(({ name, summary }) => [name, summary]))}

servers:
${list(CONTESTANTS.map((name) => [name, CONTESTANT_TITLES[name]]))}
`;

const { values: options } = parseArgs({
  options: {
    only: { type: "string", multiple: true },
    rounds: { type: "string" },
    seconds: { type: "string" },
    servers: { type: "string" },
    quick: { type: "boolean", default: false },
    load: { type: "string" },
    executable: { type: "string" },
    json: { type: "string" },
    "write-docs": { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (options.help) process.stdout.write(HELP);
else await main();

async function main(): Promise<void> {
  const chosen = chooseMeasurements(options.only);
  const progress = new Progress();
  const machine = describeMachine();
  if (options["write-docs"]) assertIdle(machine);
  const cores = planCores();
  const load = findLoadGenerator(cores.load, parseLoad(options.load));
  if (load.advice !== "") process.stderr.write(`${load.advice}\n`);
  const { contestants, missing } = chooseContestants(options.servers, options.executable);
  for (const line of missing) process.stderr.write(`${line}\n`);
  const bench: Bench = {
    rounds: parsePositive("--rounds", options.rounds ?? (options.quick ? "2" : "7")),
    seconds: parsePositive("--seconds", options.seconds ?? (options.quick ? "0.2" : "2")),
    quick: options.quick,
    contestants,
    cores,
    load,
    ...(options.executable === undefined ? {} : { executable: options.executable }),
    progress: (step) => progress.say(step),
  };
  const reports = new Map<string, Report>();
  for (const measurement of chosen) {
    reports.set(measurement.name, await measurement.measure(bench));
  }
  progress.end();
  const setup = [
    `Load generator: ${load.name}${load.advice === "" ? "" : ` (${load.advice})`}; ${cores.description}`,
    `${bench.rounds} rounds of about ${bench.seconds} s, contestants in turns`,
    ...missing,
  ];
  await publish(
    { script: "bench", machine, setup, reports },
    { json: options.json, writeDocs: options["write-docs"] },
  );
}

function chooseMeasurements(only: readonly string[] | undefined): typeof MEASUREMENTS {
  if (only === undefined) return MEASUREMENTS;
  const unknown = only.find((wanted) => !MEASUREMENTS.some(({ name }) => name === wanted));
  if (unknown !== undefined) {
    const names = MEASUREMENTS.map(({ name }) => name).join(", ");
    throw new UsageError(`no measurement named ${unknown}; the measurements: ${names}`);
  }
  return MEASUREMENTS.filter(({ name }) => only.includes(name));
}

function list(rows: readonly (readonly [name: string, explanation: string])[]): string {
  return rows.map(([name, explanation]) => `  ${name.padEnd(17)}  ${explanation}`).join("\n");
}

function parseLoad(text: string | undefined): "h2load" | "node" | undefined {
  if (text === undefined || text === "h2load" || text === "node") return text;
  throw new UsageError(`--load must be h2load or node, got ${text}`);
}
