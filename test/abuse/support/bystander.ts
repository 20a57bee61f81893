import { setTimeout as delay } from "node:timers/promises";
import { once } from "node:events";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { expect, onTestFinished } from "vitest";
import { expectMedianBelow } from "../../support/median.js";

/** What a bystander has seen since it was last asked. */
export interface BystanderReport {
  readonly calls: number;
  /** One line for every call that failed or answered something wrong. */
  readonly failures: readonly string[];
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly longestMs: number;
}

/** A second client, which works normally while the test does damage. */
export interface Bystander {
  /** What it has seen since the last report. */
  report(): Promise<BystanderReport>;
  /** Makes one call now and gives the milliseconds to its answer. */
  askMs(): Promise<number>;
}

/** Starts a bystander of a server; settled when it has made its first calls. */
export async function startBystander(target: string): Promise<Bystander> {
  const worker = new Worker(join(import.meta.dirname, "bystander-thread.mjs"), {
    workerData: { target },
  });
  onTestFinished(async () => {
    await worker.terminate();
  });
  const next = async (): Promise<unknown> => ((await once(worker, "message")) as [unknown])[0];
  const ask = async (question: "report" | "call"): Promise<unknown> => {
    const answer = next();
    worker.postMessage(question);
    return answer;
  };
  await next();
  const bystander: Bystander = {
    report: async () => (await ask("report")) as BystanderReport,
    askMs: async () => (await ask("call")) as number,
  };
  await bystander.report();
  return bystander;
}

/** The longest that a call may take once an attack is over, in milliseconds. */
const ANSWER_MS = 50;

/** No call of the bystander has failed, and now it gets an answer within 50 ms. */
export async function expectUnharmed(bystander: Bystander): Promise<BystanderReport> {
  // An attack may be shorter than the time between two calls of the bystander.
  await delay(200);
  const report = await bystander.report();
  expect(report.failures).toEqual([]);
  expect(report.calls).toBeGreaterThan(0);
  await expectPromptReply(bystander);
  return report;
}

/** The bystander gets a reply within 50 ms. */
export async function expectPromptReply(bystander: Bystander): Promise<void> {
  await expectMedianBelow(ANSWER_MS, () => bystander.askMs());
}
