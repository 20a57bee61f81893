/**
 * The pages in docs/providers, followed step by step from an empty directory. The cases that a
 * page's provider fails are exactly those in expected-failures.ts.
 */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { CONFORMANCE_CASES } from "../../src/conformance/index.js";
import { walkThroughPages } from "../docs/fenced-blocks.js";
import { isInstalled } from "../support/installed.js";
import { repositoryRoot } from "../support/provider-process.js";
import { tempDirectory } from "../support/temp-directory.js";
import { expectedFailures, PYTHON, RUST } from "./expected-failures.js";
import { INTEROP_CACHE } from "./installed-sdks.js";
import { createReader, stepsOf } from "./walk-through.js";

const run = promisify(execFile);

interface WalkThrough {
  readonly page: string;
  /** Asks the registry for a package of the page; fails where there is no registry. */
  readonly registry: readonly [program: string, ...args: string[]];
  readonly failures: ReadonlySet<string>;
  readonly env?: Readonly<Record<string, string>>;
}

const WALK_THROUGHS: readonly WalkThrough[] = [
  {
    page: "docs/providers/go.md",
    registry: ["go", "list", "-m", "google.golang.org/grpc@v1.85.0"],
    failures: new Set(),
    // As everywhere without a C compiler, and faster.
    env: { CGO_ENABLED: "0" },
  },
  {
    page: "docs/providers/python.md",
    registry: ["python3", "-m", "pip", "index", "versions", "--pre", "gestalt-sdk"],
    failures: expectedFailures(PYTHON),
  },
  {
    page: "docs/providers/rust.md",
    registry: ["cargo", "info", "--quiet", "gestalt-sdk"],
    failures: expectedFailures(RUST),
    // Compiling the SDK takes minutes: what is compiled is kept.
    env: { CARGO_BUILD_BUILD_DIR: join(INTEROP_CACHE, "rust") },
  },
];

/** The cases that a report names as failed. */
function failedIn(output: string): string[] {
  return Array.from(output.matchAll(/^FAILED (\S+) \(/gm), ([, id = ""]) => id).sort();
}

/** The expected failures among the cases that a command runs. */
function expectedOf(command: string, failures: ReadonlySet<string>): string[] {
  const profile = command.includes("--profile recommended") ? ["recommended"] : [];
  const levels = ["required", ...profile];
  return CONFORMANCE_CASES.filter(({ id, level }) => failures.has(id) && levels.includes(level))
    .map(({ id }) => id)
    .sort();
}

/** The path of this package as npm installs it. */
async function packPackage(): Promise<string> {
  const directory = tempDirectory();
  const args = ["pack", "--ignore-scripts", "--json", "--pack-destination", directory];
  const { stdout } = await run("npm", args, { cwd: repositoryRoot, maxBuffer: 2 ** 26 });
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
  return join(directory, filename);
}

const withoutNumbers = (text: string): string => text.replaceAll(/\d+(\.\d+)?/g, "N").trim();

test("every page of docs/providers is followed", () => {
  expect(WALK_THROUGHS.map(({ page }) => page)).toEqual(walkThroughPages());
});

test.for(WALK_THROUGHS)(
  "$page leads to a provider that fails only what its SDK decides",
  { timeout: 30 * 60_000 },
  async ({ page, registry: [program, ...args], failures, env = {} }, { skip }) => {
    skip(!isInstalled(program), `${program} is not installed`);
    await run(program, args).catch((error: unknown) => skip(`no registry: ${String(error)}`));
    const reader = createReader(await packPackage(), env);
    let runsOfKit = 0;
    for (const step of stepsOf(page)) {
      const { code, output } = await reader.run(step);
      if (step.kind === "file" || !step.text.includes("gestalt-cache-memory conformance")) {
        expect(code, `${step.text}\n${output}`).toBe(0);
        continue;
      }
      const expected = expectedOf(step.text, failures);
      expect(failedIn(output), output).toEqual(expected);
      expect(step.shown).not.toBe("");
      expect(withoutNumbers(output)).toContain(withoutNumbers(step.shown));
      expect(code, output).toBe(expected.length === 0 ? 0 : 1);
      runsOfKit++;
    }
    expect(runsOfKit).toBe(2);
  },
);
