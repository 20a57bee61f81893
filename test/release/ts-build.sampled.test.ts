import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { startProcess, type ProcessEnd } from "../support/child-process.js";
import { buildCommand, compiledExecutable, LOCKED_BUN } from "../support/compiled-executable.js";
import { expectServesCache } from "../support/expect-serves-cache.js";
import { repositoryRoot, startAsHost, startProvider } from "../support/provider-process.js";
import { isFullSize } from "../support/sample.js";
import { tempDirectory } from "../support/temp-directory.js";

/** Neither bun nor node is on this search path. */
const PATH = "/usr/bin:/bin";

interface Build extends ProcessEnd {
  readonly output: string;
}

async function build(command: readonly string[], env: Record<string, string> = {}): Promise<Build> {
  const child = startProcess(command, {
    cwd: tmpdir(),
    env: { PATH, HOME: tempDirectory(), ...env },
  });
  const end = await child.ended;
  return { ...end, output: child.stdout() + child.stderr() };
}

describe("this package's provider", { timeout: 60_000 }, () => {
  const TARGET = "cache:./src/provider.ts#provider";

  test("is built from another directory, bun not on PATH, and comes out the same", async () => {
    const outputPath = join(tempDirectory(), "new/directory/some name");
    const { code, output } = await build(buildCommand(repositoryRoot, TARGET, outputPath));
    expect(code, output).toBe(0);
    expect(readFileSync(outputPath).equals(readFileSync(compiledExecutable()))).toBe(true);
  });

  test.runIf(isFullSize)(
    "is built also when the host was started by npm, which bun run then passes for",
    async () => {
      const outputPath = join(tempDirectory(), "x");
      const env = { npm_execpath: "/somewhere/npm-cli.js" };
      const { code, output } = await build(buildCommand(repositoryRoot, TARGET, outputPath), env);
      expect(code, output).toBe(0);
      expect(existsSync(outputPath)).toBe(true);
    },
  );

  test.runIf(isFullSize)(
    "is built where the host runs when OUTPUT is relative, and ROOT stays clean",
    async () => {
      const cwd = realpathSync(tempDirectory());
      const output = ".gestaltd/cache/session.tmp-1/gestalt-plugin-session";
      mkdirSync(join(cwd, ".gestaltd/cache/session.tmp-1"), { recursive: true });
      const args = [TARGET, output].map((each) => `"${each}"`);
      const [bun = "", ...rest] = buildCommand(repositoryRoot, "TARGET", "OUTPUT");
      const line = [bun, ...rest].join(" ").replace("TARGET OUTPUT", args.join(" "));
      const host = startProcess(["sh", "-c", `${line}; exit $?`], { cwd, env: { PATH } });
      const { code } = await host.ended;
      expect(code, host.stderr()).toBe(0);
      expect(readFileSync(join(cwd, output)).equals(readFileSync(compiledExecutable()))).toBe(true);
      expect(existsSync(join(repositoryRoot, ".gestaltd/cache"))).toBe(false);
    },
  );

  test("is built without arguments into .gestaltd/bin, by the name in its manifest", async () => {
    const env = { PATH: `${dirname(process.execPath)}:${PATH}`, GESTALT_TARGET_LIBC: "glibc" };
    const root = realpathSync(tempDirectory());
    for (const file of ["package.json", "manifest.yaml"]) {
      copyFileSync(join(repositoryRoot, file), join(root, file));
    }
    for (const directory of ["src", "node_modules"]) {
      symlinkSync(join(repositoryRoot, directory), join(root, directory));
    }
    const child = startProcess(["npm", "run", "--silent", "gestalt-ts-build"], { cwd: root, env });
    const { code } = await child.ended;
    expect(code, child.stderr()).toBe(0);
    const provider = await startProvider({ command: [join(root, ".gestaltd/bin/memory")] });
    const identity = await provider.client("ProviderLifecycle").call("GetProviderIdentity", {});
    expect(identity.reply).toMatchObject({ kind: 6 });
  });

  test("does not hold the path of where it was built", () => {
    const built = readFileSync(compiledExecutable()).includes(repositoryRoot);
    expect(built).toBe(false);
  });

  test("serves as an executable, with nothing but what the host gives it", async () => {
    const provider = await startProvider({
      command: [compiledExecutable()],
      env: { PATH: "/nowhere" },
      cwd: tempDirectory(),
    });
    await expectServesCache(provider);
  });

  test("takes nothing from the files that lie where it is started", async () => {
    const cwd = tempDirectory();
    const preload = join(cwd, "preload.ts");
    writeFileSync(preload, "console.log('preloaded'); process.exit(3);");
    writeFileSync(join(cwd, "bunfig.toml"), `preload = [${JSON.stringify(preload)}]`);
    writeFileSync(join(cwd, ".env"), "GESTALT_PROVIDER_SOCKET=/nowhere/x.sock\n");
    const child = startProcess([compiledExecutable(), "--version"], { cwd });
    expect(await child.ended).toEqual({ code: 0, signal: null });
    expect(child.stdout()).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test.each([
    ["another target's kind", ["plugin:./src/provider.ts#provider"], "the kind must be cache"],
    ["a module that does not exist", ["cache:./src/none.ts#a"], "./src/none.ts does not exist in"],
    ["an export that does not exist", ["cache:./src/version.ts#none"], "No matching export"],
    ["another system", [TARGET, "plan9"], 'unknown platform "plan9/'],
  ])("%s is refused and nothing is left behind", async (_, [target = "", os], problem) => {
    const outputPath = join(tempDirectory(), "x");
    const command = buildCommand(repositoryRoot, target, outputPath);
    if (os !== undefined) command.splice(-2, 1, os);
    const { code, output } = await build(command);
    expect(code).toBe(1);
    expect(output).toContain("gestalt-ts-build: ");
    expect(output).toContain(problem);
    expect(existsSync(outputPath)).toBe(false);
  });

  test("five arguments are refused", async () => {
    const command = buildCommand(repositoryRoot, TARGET, "x").slice(0, -1);
    const { code, output } = await build(command);
    expect(code).toBe(1);
    expect(output).toContain("expected six arguments: ROOT TARGET OUTPUT NAME GOOS GOARCH (got 5)");
  });
});

test(
  "an author's provider is built from a package that depends on this one",
  { timeout: 60_000 },
  async () => {
    const root = realpathSync(tempDirectory());
    const script =
      '"$npm_execpath" node_modules/gestalt-cache-memory/dist/release/build/ts-build.js';
    const description = { name: "mine", type: "module", scripts: { "gestalt-ts-build": script } };
    writeFileSync(join(root, "package.json"), JSON.stringify(description));
    writeFileSync(
      join(root, "cache.ts"),
      `import { defineCacheProvider } from "gestalt-cache-memory/provider";
    const entries = new Map<string, Uint8Array>();
    export const cache = defineCacheProvider({
      name: "mine",
      get: (key) => entries.get(key),
      set: (key, value) => void entries.set(key, value.slice()),
      delete: (key) => entries.delete(key),
      touch: (key) => entries.has(key),
    });`,
    );
    // Installed, as far as the package is concerned.
    mkdirSync(join(root, "node_modules"));
    symlinkSync(repositoryRoot, join(root, "node_modules/gestalt-cache-memory"));

    const outputPath = join(root, "out/gestalt-plugin-mine");
    const { code, output } = await build(buildCommand(root, "cache:./cache.ts#cache", outputPath));
    expect(code, output).toBe(0);
    const provider = await startProvider({ command: [outputPath] });
    const identity = await provider.client("ProviderLifecycle").call("GetProviderIdentity", {});
    expect(identity.reply).toMatchObject({ kind: 6, name: "mine" });

    const alone = startAsHost({ command: [outputPath], env: { GESTALT_PLUGIN_SOCKET: "" } });
    expect(await alone.ended).toMatchObject({ code: 1 });
    expect(alone.stderr()).toMatch(
      /^this is a cache provider; it is started by gestaltd.* \S*gestalt-plugin-mine\n$/,
    );
  },
);

test("the bun of the lock file is the one that package.json pins", async () => {
  const description = JSON.parse(readFileSync(join(repositoryRoot, "package.json"), "utf8")) as {
    devDependencies: { bun: string };
  };
  const child = startProcess([LOCKED_BUN, "--version"]);
  await child.ended;
  expect(child.stdout().trim()).toBe(description.devDependencies.bun);
});
