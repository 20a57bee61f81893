import type { LoadGenerator } from "./load/load-generator.js";
import type { Contestant } from "./servers/contestant.js";
import type { CorePlan } from "./process/cpu-pinning.js";
import type { LineChart } from "./report/line-chart.js";
import type { ServerOptions } from "./servers/server-process.js";

/** What every measurement is given. */
export interface Bench {
  /** How often each contestant is measured. */
  readonly rounds: number;
  /** About how long one load lasts. */
  readonly seconds: number;
  /** True for a run that only shows that everything works. */
  readonly quick: boolean;
  /** The servers to compare. */
  readonly contestants: readonly Contestant[];
  readonly cores: CorePlan;
  readonly load: LoadGenerator;
  /** The standalone executable, when there is one to measure. */
  readonly executable?: string;
  /** Says what is going on. */
  readonly progress: (step: string) => void;
}

/** How the servers of a run are started. */
export function serverOptions({ cores, executable }: Bench): ServerOptions {
  return { core: cores.server, executable };
}

/** What a measurement found. */
export interface Report {
  readonly title: string;
  /** What was done, in a sentence or two. */
  readonly explanation: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** What to know or compare when reading the table. */
  readonly notes: readonly string[];
  /** Drawn below the table. */
  readonly charts?: readonly LineChart[];
  /** Everything that was measured, for the JSON file. */
  readonly figures: unknown;
}

/** One of the things that the bench measures, under the name that `--only` takes. */
export interface Measurement {
  readonly name: string;
  /** What it measures, in a line of the help text. */
  readonly summary: string;
  measure(bench: Bench): Promise<Report>;
}
