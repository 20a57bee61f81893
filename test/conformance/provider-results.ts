import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ConformanceProfile } from "../../src/conformance/index.js";
import { repositoryRoot } from "../support/provider-process.js";

/** What the kit reports for the provider of a page, as the page shows it. */
export interface ProviderResults {
  readonly provider: string;
  /** The page, as a link from docs/. */
  readonly page: string;
  /** Passed, failed and skipped cases by profile. */
  readonly summaries: ReadonlyMap<ConformanceProfile, readonly string[]>;
}

/** The pages whose providers the tests run, which compare what they show. */
const PAGES: readonly (readonly [provider: string, page: string])[] = [
  ["Go, without an SDK", "providers/go.md"],
  ["Python", "providers/python.md"],
  ["Rust", "providers/rust.md"],
  ["TypeScript, on this package", "writing-a-provider.md"],
];

/** Reads the results of the providers that the pages describe. */
export function readProviderResults(): readonly ProviderResults[] {
  return PAGES.map(([provider, page]) => {
    const text = readFileSync(join(repositoryRoot, "docs", page), "utf8");
    const summaries = (["required", "recommended"] as const).flatMap((profile) => {
      const summary = new RegExp(
        `^(?:conforms|does not conform) to the ${profile} profile: (\\d+) passed, (\\d+) failed, (\\d+) skipped`,
        "m",
      ).exec(text);
      return summary === null ? [] : [[profile, summary.slice(1)] as const];
    });
    if (summaries.length === 0) throw new Error(`docs/${page} shows no summary of the kit`);
    return { provider, page, summaries: new Map(summaries) };
  });
}
