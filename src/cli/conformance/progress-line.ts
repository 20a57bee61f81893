import type { ConformanceProgress } from "../../conformance/run-conformance.js";

/** Where a progress line can be shown: a terminal, if it is one. */
export interface ProgressOutput {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** A line that stays in place while cases run. Nothing is written but to a terminal. */
export interface ProgressLine {
  readonly show: (progress: ConformanceProgress) => void;
  readonly clear: () => void;
}

const ERASE_LINE = "\r\u001B[2K";

/** Makes the progress line of one run. */
export function createProgressLine(output: ProgressOutput): ProgressLine {
  if (output.isTTY !== true) return { show: () => undefined, clear: () => undefined };
  let failed = 0;
  return {
    show: ({ result, done, total }) => {
      if (result.outcome === "failed") failed++;
      const failures = failed === 0 ? "" : `, ${failed} failed`;
      const line = `${String(done).padStart(String(total).length)}/${total}${failures}  ${result.case.id}`;
      output.write(`${ERASE_LINE}${line.slice(0, (output.columns ?? 80) - 1)}`);
    },
    clear: () => output.write(ERASE_LINE),
  };
}
