/** The clients of Gestalt's own SDKs, from the registries, against this project's server. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { startEphemeralCache } from "../../src/testing.js";
import { reducedEnvironment } from "../support/child-process.js";
import { isInstalled } from "../support/installed.js";
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

describe.skipIf(!isInstalled("python3"))("the Python SDK", () => {
  let python = "";
  beforeAll(async () => {
    python = await installPythonSdk();
  }, INSTALL_MS);
  const script = (name: string): Command => [python, join(import.meta.dirname, name)];

  test("its client uses a cache of this project", TIMEOUT, async () => {
    expect(await useCache(script("sdk-client.py"))).toEqual(SEEN);
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
});
