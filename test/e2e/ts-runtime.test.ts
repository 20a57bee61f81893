import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { startAsHost, startProvider, repositoryRoot } from "../support/provider-process.js";

const bun = join(repositoryRoot, "node_modules/.bin/bun");

/** As the host writes it; `root` is what the script gets, not where it is found. */
function runtimeCommand(...args: string[]): readonly string[] {
  return [bun, "run", "--cwd", repositoryRoot, "gestalt-ts-runtime", "--", ...args];
}

/** A search path with a node but without bun. */
const PATH = [dirname(process.execPath), "/usr/bin", "/bin"].join(":");

test("the script gestalt-ts-runtime serves the target of package.json through bun", async () => {
  const provider = await startProvider({
    command: runtimeCommand(repositoryRoot, "cache:./src/memory/provider.ts#provider"),
    cwd: tmpdir(),
    env: { PATH },
  });
  const lifecycle = provider.client("ProviderLifecycle");
  expect((await lifecycle.call("GetProviderIdentity", {})).reply).toMatchObject({ kind: 6 });
  await lifecycle.call("ConfigureProvider", { name: "session", protocol_version: 2 });
  const cache = provider.client("Cache");
  expect((await cache.call("Set", { key: "a", value: Buffer.from("1") })).code).toBe(0);
  expect((await cache.call("Get", { key: "a" })).reply).toMatchObject({ found: true });

  provider.signal("SIGTERM");
  expect(await provider.ended).toEqual({ code: 0, signal: null });
  expect(existsSync(provider.socketPath)).toBe(false);
});

test("the error for a target without a provider names it", async () => {
  const child = startAsHost({
    command: runtimeCommand(repositoryRoot, "cache:./src/version.ts#VERSION"),
  });
  expect(await child.ended).toMatchObject({ code: 1 });
  expect(child.stderr()).toContain(
    'gestalt-ts-runtime: ./src/version.ts exports no cache provider as "VERSION"',
  );
});
