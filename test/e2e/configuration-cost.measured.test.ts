import { performance } from "node:perf_hooks";
import { expect, test } from "vitest";
import { compiledExecutable } from "../support/compiled-executable.js";
import { medianOf } from "../support/median.js";
import { commandUnderTest, startProvider } from "../support/provider-process.js";

/** How many starts of each kind are compared: fewer when their difference is small. */
const MIN_STARTS = 5;
const MAX_STARTS = 9;

/** What a configuration of one value may add to a start. */
const MAX_COST_MS = 5;

/** How long the first ConfigureProvider of a fresh process takes, in milliseconds. */
async function configureMs(command: readonly string[], config: object): Promise<number> {
  const provider = await startProvider({ command });
  const lifecycle = provider.client("ProviderLifecycle");
  // As the host does it: the connection is there before the configuration is sent.
  await lifecycle.call("GetProviderIdentity", {});
  const begun = performance.now();
  await lifecycle.call("ConfigureProvider", { name: "session", protocol_version: 3, config });
  return performance.now() - begun;
}

test.each([
  ["Node", (): readonly string[] => commandUnderTest],
  ["the executable", (): readonly string[] => [compiledExecutable()]],
])(
  "one value in the configuration costs a start in %s at most 5 ms",
  async (_, command) => {
    const program = command();
    const empty: number[] = [];
    const oneValue: number[] = [];
    const costMs = (): number => medianOf(oneValue) - medianOf(empty);
    const isClear = (): boolean => oneValue.length >= MIN_STARTS && costMs() < MAX_COST_MS / 2;
    while (oneValue.length < MAX_STARTS && !isClear()) {
      empty.push(await configureMs(program, {}));
      const config = { fields: { maxBytes: { stringValue: "32MiB" } } };
      oneValue.push(await configureMs(program, config));
    }
    expect(costMs()).toBeLessThan(MAX_COST_MS);
  },
  60_000,
);
