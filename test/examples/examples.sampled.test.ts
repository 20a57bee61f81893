import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { fencedBlocks } from "../docs/fenced-blocks.js";
import { isAlive, until } from "../support/child-process.js";
import { repositoryRoot } from "../support/provider-process.js";
import { isFullSize } from "../support/sample.js";
import { createExampleProject } from "./example-project.js";

const TIMEOUT_MS = 60_000;

test.runIf(isFullSize)(
  "the plugin example passes its tests with `exec -- npm test`",
  { timeout: TIMEOUT_MS },
  async () => {
    const plugin = createExampleProject("plugin");
    const { code, output } = await plugin.run(
      "npx gestalt-cache-memory exec --bind visits --stats -- npm test",
    );
    expect(output).toMatch(/Tests +2 passed/);
    expect(output).toMatch(/cache visits:\n +served 8 reads \(\d hits?, \d misses\), 5 writes/);
    expect(code).toBe(0);
  },
);

test.runIf(isFullSize)(
  "the plugin example fails without a cache, with the reason",
  { timeout: TIMEOUT_MS },
  async () => {
    const { code, output } = await createExampleProject("plugin").run("npm test");
    expect(output).toContain("GESTALT_CACHE_SOCKET_VISITS is not set");
    expect(code).not.toBe(0);
  },
);

test.runIf(isFullSize)(
  "the vitest example starts its caches and passes",
  { timeout: TIMEOUT_MS },
  async () => {
    const { code, output } = await createExampleProject("vitest").run("npm test");
    expect(output).toMatch(/Tests +3 passed/);
    expect(code).toBe(0);
  },
);

interface Step {
  readonly run?: string;
}

interface Workflow {
  readonly jobs: { readonly test: { readonly steps: readonly Step[] } };
}

const WORKFLOW = parse(
  readFileSync(join(repositoryRoot, "examples/github-actions/test.yml"), "utf8"),
) as Workflow;

test("docs/local-development.md has the steps of the github-actions example", () => {
  const steps = WORKFLOW.jobs.test.steps.filter(({ run }) => run !== undefined);
  const blocks = fencedBlocks("docs/local-development.md", ["yaml"]);
  expect(blocks.map(({ text }) => parse(text) as unknown)).toEqual([steps]);
});

test(
  "the steps of the github-actions example succeed in order",
  { timeout: TIMEOUT_MS },
  async () => {
    const plugin = createExampleProject("plugin");
    const steps = WORKFLOW.jobs.test.steps.flatMap(({ run }) => (run === undefined ? [] : [run]));
    expect(steps[0]).toBe("npm ci");

    const GITHUB_ENV = join(plugin.directory, "github-env");
    writeFileSync(GITHUB_ENV, "");
    const variables = (): Record<string, string> =>
      Object.fromEntries(
        readFileSync(GITHUB_ENV, "utf8")
          .split("\n")
          .flatMap((line) => {
            const [, name, value] = /^(\w+)=(.*)$/.exec(line) ?? [];
            return name === undefined || value === undefined ? [] : [[name, value]];
          }),
      );
    onTestFinished(() => {
      const pid = Number(variables()["GESTALT_CACHE_MEMORY_PID"]);
      if (pid > 0 && isAlive(pid)) process.kill(pid, "SIGKILL");
    });

    const outputs: string[] = [];
    for (const step of steps.slice(1)) {
      const { code, output } = await plugin.run(step, { GITHUB_ENV, ...variables() });
      expect(code, `${step}\n${output}`).toBe(0);
      outputs.push(output);
    }
    const [tests, started, program, visits] = outputs;
    expect(tests).toMatch(/Tests +2 passed/);
    expect(started).toBe("");
    expect(program).toContain("Welcome, Ada!\nWelcome, Grace!\n");
    expect(visits).toBe("1");

    const { GESTALT_CACHE_MEMORY_PID, GESTALT_CACHE_SOCKET = "" } = variables();
    await until(() => !isAlive(Number(GESTALT_CACHE_MEMORY_PID)), { what: "the caches are there" });
    expect(existsSync(dirname(GESTALT_CACHE_SOCKET))).toBe(false);
  },
);
