import { writeFileSync } from "node:fs";
import type { Report } from "../measurement.js";
import { machineLines, type Machine } from "./machine.js";
import { markdownFromReport } from "./table.js";
import { writeCharts, writeDocs } from "./write-docs.js";

/** Where results go besides the standard output. */
export interface PublishOptions {
  /** A file for all that was measured; by default it is the last line of the output. */
  readonly json?: string | undefined;
  /** Whether to put the tables into docs/performance.md. */
  readonly writeDocs: boolean;
}

/** A program's results. */
export interface Results {
  /** The npm script that made them. */
  readonly script: string;
  readonly machine: Machine;
  /** How they were made: load generator, cores, rounds. */
  readonly setup: readonly string[];
  readonly reports: ReadonlyMap<string, Report>;
}

/** Prints the tables. Writes them into the documentation where asked to. */
export async function publish(results: Results, options: PublishOptions): Promise<void> {
  const { script, machine, setup, reports } = results;
  const lines = [...machineLines(machine), ...setup].map((line) => `- ${line}`);
  const markdown = [lines.join("\n"), ...[...reports.values()].map(markdownFromReport)].join(
    "\n\n",
  );
  process.stdout.write(`${markdown}\n\n`);
  const figures = Object.fromEntries([...reports].map(([name, report]) => [name, report.figures]));
  const json = JSON.stringify({ script, machine, setup, figures });
  if (options.json === undefined) process.stdout.write(`${json}\n`);
  else writeFileSync(options.json, `${json}\n`);
  if (!options.writeDocs) return;
  await writeDocs(script, markdown);
  writeCharts([...reports.values()].flatMap(({ charts = [] }) => charts));
}
