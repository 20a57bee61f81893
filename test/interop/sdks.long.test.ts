/**
 * Gestalt's own SDKs from the registries: their clients against this project's server, and
 * careful providers on them under the kit. What they cannot pass is in expected-failures.ts;
 * a case there that passes fails the test, so that the list stays true.
 */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { commandSubject, runConformance } from "../../src/conformance/index.js";
import { startEphemeralCache } from "../../src/testing.js";
import { reducedEnvironment } from "../support/child-process.js";
import { isInstalled } from "../support/installed.js";
import { PYTHON_FAILURES, RUST_FAILURES, type ExpectedFailures } from "./expected-failures.js";
import { buildRustPrograms, installPythonSdk } from "./installed-sdks.js";

const INSTALL_MS = 30 * 60_000;
const TIMEOUT = { timeout: 120_000 };

/** What a client sees that writes, reads, touches and deletes. */
const SEEN = {
  get: [0, 255],
  miss: true,
  expired: true,
  getMany: ["a", "b"],
  touch: true,
  delete: true,
  deleteMany: 1,
};

type Command = readonly [program: string, ...args: string[]];

async function useCache([program, ...args]: Command): Promise<unknown> {
  const cache = await startEphemeralCache();
  try {
    const env = { ...reducedEnvironment(), ...cache.env };
    const { stdout } = await promisify(execFile)(program, args, { env });
    return JSON.parse(stdout);
  } finally {
    await cache.close();
  }
}

async function failedCases([command, ...args]: Command): Promise<readonly string[]> {
  const subject = commandSubject({ command, args });
  // The programs start slowly on a busy machine.
  const options = { profile: "recommended", startTimeoutMs: 45_000, ttlUnitMs: 400 } as const;
  const { results, problem } = await runConformance(subject, options);
  expect(problem).toBe(undefined);
  return results.filter(({ outcome }) => outcome === "failed").map(({ case: { id } }) => id);
}

const sorted = (expected: ExpectedFailures): string[] => Object.keys(expected).sort();

describe.skipIf(!isInstalled("python3"))("the Python SDK", () => {
  let python = "";
  beforeAll(async () => {
    python = await installPythonSdk();
  }, INSTALL_MS);
  const script = (name: string): Command => [python, join(import.meta.dirname, name)];

  test("its client uses a cache of this project", TIMEOUT, async () => {
    expect(await useCache(script("sdk-client.py"))).toEqual(SEEN);
  });

  test("a careful provider fails only what the SDK decides", TIMEOUT, async () => {
    const failed = await failedCases(script("sdk-provider.py"));
    expect(failed.toSorted()).toEqual(sorted(PYTHON_FAILURES));
  });
});

describe.skipIf(!isInstalled("cargo"))("the Rust SDK", () => {
  let programs = "";
  beforeAll(async () => {
    programs = await buildRustPrograms();
  }, INSTALL_MS);

  test("its client uses a cache of this project", TIMEOUT, async () => {
    expect(await useCache([join(programs, "client")])).toEqual(SEEN);
  });

  test("a careful provider fails only what the SDK decides", TIMEOUT, async () => {
    const failed = await failedCases([join(programs, "provider")]);
    expect(failed.toSorted()).toEqual(sorted(RUST_FAILURES));
  });
});
