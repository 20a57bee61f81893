import { ask, startBenchProgram, stopChild } from "../process/child.js";

/** What is called: one kind of mix. */
export type OpenLoopCalls =
  /** Reads and writes with and without TTL, see `mixed-calls.ts`. */
  | { readonly kind: "mixed" }
  /** Get of random ones of the first so many keys. */
  | { readonly kind: "get"; readonly keys: number };

/**
 * Calls that start at fixed times, whether or not earlier calls have
 * completed: a pause of the server does not reduce the number of calls.
 */
export interface OpenLoop {
  readonly socketPath: string;
  readonly calls: OpenLoopCalls;
  readonly callsPerSecond: number;
  readonly seconds: number;
  readonly seed: number;
}

/** The result of the calls. */
export interface OpenLoopResult {
  /** The time from when a call was due to its reply, in milliseconds, ascending. */
  readonly latenciesMs: Float64Array;
}

/** What the program behind {@link runOpenLoop} answers. */
export type OpenLoopAnswer = OpenLoopResult | { readonly error: string };

/** Makes the calls, from a process of its own. */
export async function runOpenLoop(
  loop: OpenLoop,
  core: number | undefined,
): Promise<OpenLoopResult> {
  const child = startBenchProgram("load/open-loop-program", [], { core });
  try {
    const answer = await ask<OpenLoopAnswer>(child, loop);
    if ("error" in answer) throw new Error(answer.error);
    return answer;
  } finally {
    await stopChild(child);
  }
}
