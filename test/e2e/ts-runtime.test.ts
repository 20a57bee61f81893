import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { until } from "../support/child-process.js";
import { expectServesCache } from "../support/expect-serves-cache.js";
import { tempDirectory } from "../support/temp-directory.js";
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
    command: runtimeCommand(repositoryRoot, "cache:./src/provider.ts#provider"),
    cwd: tmpdir(),
    env: { PATH },
  });
  await expectServesCache(provider, 2);
});

test("the script gestalt-ts-runtime limits the garbage of large requests", async () => {
  const root = tempDirectory();
  // A target of its own: it reports each collection that this package asks for.
  writeFileSync(
    join(root, "provider.ts"),
    `const { gc } = Bun;
    Bun.gc = (isSync) => (console.error("garbage is collected"), gc(isSync));
    export { provider } from ${JSON.stringify(join(repositoryRoot, "src/provider.ts"))};`,
  );
  const provider = await startProvider({
    command: runtimeCommand(root, "cache:./provider.ts#provider"),
  });
  const lifecycle = provider.client("ProviderLifecycle");
  await lifecycle.call("ConfigureProvider", { name: "session", protocol_version: 2 });
  const cache = provider.client("Cache");
  // Deletes allocate nothing in the store, which collects garbage as well.
  const key = "k".repeat(3 * 2 ** 20);
  for (let calls = 0; calls < 4; calls++) {
    expect((await cache.call("Delete", { key })).code).toBe(0);
  }
  await until(() => provider.stderr().includes("garbage is collected"));
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
