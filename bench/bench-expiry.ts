/** Program: `npm run bench:expiry`. What readers notice when very many entries expire. */
import { parseArgs } from "node:util";
import { createExpiryReport } from "./expiry/expiry-report.js";
import { measureExpiry, type ExpiryOptions } from "./expiry/measure-expiry.js";
import { parsePositive } from "./options.js";
import { planCores } from "./process/cpu-pinning.js";
import { describeMachine } from "./report/machine.js";
import { Progress } from "./report/progress.js";
import { publish } from "./report/publish.js";

const HELP = `usage: npm run bench:expiry -- [options]

  --entries N    how many entries (default 1000000)
  --spread S     seconds over which their TTLs are spread (default 10)
  --reads N      reads per second meanwhile (default 2000)
  --quick        20,000 entries over a second: shows that everything works, and no more
  --json FILE    all that was measured, instead of on the last line of the output
  --write-docs   put the table into docs/performance.md
  --help         this text
`;

const { values: options } = parseArgs({
  options: {
    entries: { type: "string" },
    spread: { type: "string" },
    reads: { type: "string" },
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
  const cores = planCores();
  const expiryOptions: ExpiryOptions = {
    entries: parsePositive("--entries", options.entries ?? (quick ? "20000" : "1000000")),
    spreadSeconds: parsePositive("--spread", options.spread ?? (quick ? "1" : "10")),
    waitSeconds: quick ? 1 : 2,
    readsPerSecond: parsePositive("--reads", options.reads ?? "2000"),
    cores,
    progress: (step) => progress.say(step),
  };
  const figures = await measureExpiry(expiryOptions);
  progress.end();
  const report = createExpiryReport(figures, expiryOptions);
  await publish(
    {
      script: "bench:expiry",
      machine,
      setup: [cores.description],
      reports: new Map([["expiry", report]]),
    },
    { json: options.json, writeDocs: options["write-docs"] },
  );
}
