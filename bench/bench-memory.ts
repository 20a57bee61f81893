/** Program: `npm run bench -- memory`. Measures the process's memory against `maxBytes`, and the memory of an entry. */
import { parseArgs } from "node:util";
import { fillPastBound, type FillAnswer } from "./memory/fill-past-bound.js";
import { createMemoryReport } from "./memory/memory-report.js";
import { findRedis, REDIS_ADVICE } from "./memory/redis-process.js";
import { parsePositive, parsePositiveList } from "./options.js";
import { describeServerCore, planCores } from "./process/cpu-pinning.js";
import { PROVIDER_PROGRAM } from "./process/provider-process.js";
import { assertIdle, describeMachine } from "./report/machine.js";
import { Progress } from "./report/progress.js";
import { publish } from "./report/publish.js";

const HELP = `usage: npm run bench -- memory [options]

Fills a provider past maxBytes and reads the resident memory of its process.

  --max-mib LIST   bounds in MiB (default 64,256)
  --values LIST    value sizes in bytes (default 1,10,100,1000,10000,100000,1000000)
  --stores LIST    stores to fill (default lru,blocks)
  --executable FILE
                   fill this standalone executable too
  --settle MS      idle time before the settled memory is read, in milliseconds (default 2000)
  --quick          4 MiB and two sizes: checks that the bench works; no usable figures
  --json FILE      write all figures to a file, not to the last line of the output
  --write-docs     write the table to docs/performance.md, on an idle machine only
  --help           print this help
`;

const { values: options } = parseArgs({
  options: {
    "max-mib": { type: "string" },
    values: { type: "string" },
    stores: { type: "string", default: "lru,blocks" },
    executable: { type: "string" },
    settle: { type: "string" },
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
  const bounds = parsePositiveList("--max-mib", options["max-mib"] ?? (quick ? "4" : "64,256"));
  const sizes = parsePositiveList(
    "--values",
    options.values ?? (quick ? "100,10000" : "1,10,100,1000,10000,100000,1000000"),
  );
  const settleMs = parsePositive("--settle", options.settle ?? (quick ? "100" : "2000"));
  const progress = new Progress();
  const machine = describeMachine();
  if (options["write-docs"]) assertIdle(machine);
  const cores = planCores();
  const redis = findRedis();
  const runtimes = [{ name: "Node", command: process.execPath, args: [PROVIDER_PROGRAM] }];
  const { executable } = options;
  if (executable !== undefined) {
    runtimes.push({ name: "executable", command: executable, args: [] });
  }
  const rows = runtimes.flatMap((runtime) =>
    options.stores
      .split(",")
      .flatMap((store) =>
        bounds.flatMap((bound) =>
          sizes.map((valueBytes) => ({ runtime, store, bound, valueBytes })),
        ),
      ),
  );
  const answers: FillAnswer[] = [];
  for (const { bound, ...row } of rows) {
    const label = `${row.store}, ${row.runtime.name}, ${bound} MiB, values of ${row.valueBytes} B`;
    answers.push(
      await fillPastBound({
        ...row,
        maxBytes: bound * 2 ** 20,
        settleMs,
        cores,
        withRedis: redis !== undefined,
        onProgress: (step) => progress.say(`${label}: ${step}`),
      }),
    );
  }
  progress.end();
  const report = createMemoryReport(answers, redis === undefined ? REDIS_ADVICE : "");
  const setup = [`${redis ?? "No Redis"}; ${describeServerCore(cores)}`];
  await publish(
    { script: "bench -- memory", machine, setup, reports: new Map([["memory", report]]) },
    { json: options.json, writeDocs: options["write-docs"] },
  );
}
