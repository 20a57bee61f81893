import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { VERSION } from "../../src/version.js";
import { reducedEnvironment } from "../support/child-process.js";
import { buildCommand } from "../support/compiled-executable.js";
import { repositoryRoot, startProvider } from "../support/provider-process.js";
import { tempDirectory } from "../support/temp-directory.js";
import { installPackage, type InstalledPackage } from "./installed-package.js";

let installed: InstalledPackage;
beforeAll(() => (installed = installPackage()), 120_000);
afterAll(() => installed.remove());

function ownDescription(): Record<string, unknown> {
  const text = readFileSync(join(repositoryRoot, "package.json"), "utf8");
  return JSON.parse(text) as Record<string, unknown>;
}

/** Runs a program in the user's project, outside this repository. */
function run(program: string, ...args: string[]): string {
  return execFileSync(program, args, {
    cwd: installed.project,
    env: reducedEnvironment(),
    encoding: "utf8",
  });
}

/** Every entry point of the package, and some of its exports. */
const ENTRY_POINTS: Readonly<Record<string, readonly string[]>> = {
  "gestalt-cache-memory": ["Cache", "CacheError", "defineCacheProvider", "serveCacheProvider"],
  "gestalt-cache-memory/provider": ["CacheProvider", "createMemoryCacheProvider", "parseTtlMs"],
  "gestalt-cache-memory/client": ["Cache", "CacheError", "cacheSocketVariable"],
  "gestalt-cache-memory/conformance": ["runConformance", "CONFORMANCE_CASES"],
  "gestalt-cache-memory/testing": ["startEphemeralCache", "ManualClock"],
  "gestalt-cache-memory/build": ["runProviderBuild"],
};

test("the package has exactly the entry points of this test", () => {
  const names = Object.keys(ENTRY_POINTS).map((each) => each.replace("gestalt-cache-memory", "."));
  expect(Object.keys(ownDescription()["exports"] as object)).toEqual([...names, "./package.json"]);
});

test("every entry point is imported", () => {
  const checks = Object.entries(ENTRY_POINTS).map(
    ([entryPoint, names]) => `
      const found = Object.keys(await import("${entryPoint}"));
      const missing = ${JSON.stringify(names)}.filter((name) => !found.includes(name));
      if (missing.length > 0) throw new Error("${entryPoint}: " + missing);`,
  );
  const source = checks.map((check) => `{${check}\n}`).join("\n");
  writeFileSync(join(installed.project, "entry-points.mjs"), source);
  run(process.execPath, "entry-points.mjs");
});

test(
  "a project in strict TypeScript compiles against every entry point",
  { timeout: 120_000 },
  () => {
    const examples = [
      ...Object.entries(ENTRY_POINTS).map(
        ([entryPoint, names], index) =>
          `import { ${names.map((name) => `${name} as ${name}${index}`).join(", ")} } from "${entryPoint}";\n` +
          `void [${names.map((name) => `${name}${index}`).join(", ")}];`,
      ),
      `import { Cache, defineCacheProvider, type CacheProvider } from "gestalt-cache-memory";
    import { startEphemeralCache, type EphemeralCache } from "gestalt-cache-memory/testing";
    export const provider: CacheProvider = defineCacheProvider({
      get: (key) => new TextEncoder().encode(key),
      set: () => {},
      delete: () => true,
      touch: () => true,
    });
    export async function use(cache: Cache): Promise<Uint8Array | undefined> {
      await cache.set("a", new Uint8Array(1), { ttlMs: 5 });
      // @ts-expect-error a value is bytes
      await cache.set("a", "text");
      const many: Record<string, Uint8Array> = await cache.getMany(["a"]);
      return many["a"];
    }
    export const started: Promise<EphemeralCache> = startEphemeralCache({ bindings: ["session"] });`,
    ];
    writeFileSync(join(installed.project, "types.ts"), examples.join("\n"));
    const tsc = join(repositoryRoot, "node_modules/typescript/bin/tsc");
    const types = join(repositoryRoot, "node_modules/@types");
    const flags = ["--strict", "--noEmit", "--skipLibCheck", "--module", "nodenext"];
    const libraries = ["--target", "es2023", "--typeRoots", types, "--types", "node"];
    run(process.execPath, tsc, ...flags, ...libraries, "types.ts");
  },
);

test("declarations import only declared dependencies", () => {
  const { dependencies } = ownDescription() as { dependencies: Record<string, string> };
  const root = join(installed.project, "node_modules/gestalt-cache-memory");
  const foreign = new Set<string>();
  for (const file of installed.packedFiles.filter((each) => each.endsWith(".d.ts"))) {
    const text = readFileSync(join(root, file), "utf8");
    for (const [, specifier = ""] of text.matchAll(/(?:from|import\()\s*"([^"]+)"/g)) {
      const name = /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier;
      const isKnown = /^(\.|node:)/.test(specifier) || name in dependencies;
      if (!isKnown) foreign.add(`${file}: ${specifier}`);
    }
  }
  expect([...foreign]).toEqual([]);
});

test("the installation links the command", () => {
  expect(run("npx", "--no-install", "gestalt-cache-memory", "--version")).toBe(`${VERSION}\n`);
});

test("the archive contains the build, the sources that hosts compile, and the documents", () => {
  const sources = readdirSync(join(repositoryRoot, "src"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    // The page is carried built.
    .filter((file) => !/^standalone\/ui\/(page\/|.*\.d\.ts$)/.test(file))
    .filter((file) => !file.startsWith("release/") || file.startsWith("release/build/"));
  const built = sources.flatMap((file) => {
    // The command with its chunks, and the scripts that authors' packages start.
    if (file.startsWith("cli/")) return [`src/${file}`];
    const stem = `dist/${file.replace(/\.ts$/, "")}`;
    return [`src/${file}`, `${stem}.js`, `${stem}.d.ts`];
  });
  built.push("dist/cli/main.js", "dist/cli/ts-runtime.js", "dist/ui/page.js");
  // Files that an earlier build left in dist must not be published.
  const scripts = ownDescription()["scripts"] as Record<string, string>;
  expect(scripts["prepack"]).toMatch(/rmSync\('dist',.*&& npm run --silent build$/);
  const others = installed.packedFiles.filter(
    (file) => !built.includes(file) && !/^dist\/(?!release\/)/.test(file),
  );
  expect(built.filter((file) => !installed.packedFiles.includes(file))).toEqual([]);
  expect(others.filter((file) => !/^(docs|proto|examples\/provider)\//.test(file))).toEqual([
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "SECURITY.md",
    "cache_config.json",
    "icon.svg",
    "manifest.v8.yaml",
    "manifest.yaml",
    "package.json",
    "src/memory/blocks/README.md",
  ]);
});

test("the archive carries the two libraries that only the command imports", () => {
  expect(installed.bundled).toEqual(["commander", "yaml"]);
});

test("a project that uses the same libraries has one copy of each", () => {
  const files = readdirSync(join(installed.project, "node_modules"), {
    recursive: true,
    encoding: "utf8",
  });
  const { dependencies } = ownDescription() as { dependencies: Record<string, string> };
  const copies = Object.keys(dependencies).map((name) => {
    const found = files.filter((file) => `/${file}`.endsWith(`/${name}/package.json`));
    return [name, found.map((file) => file.slice(0, -"/package.json".length))];
  });
  expect(Object.fromEntries(copies)).toEqual({
    "@bufbuild/protobuf": ["@bufbuild/protobuf"],
    "@connectrpc/connect": ["@connectrpc/connect"],
    "@connectrpc/connect-node": ["@connectrpc/connect-node"],
    "@redis/client": ["@redis/client"],
    commander: ["gestalt-cache-memory/node_modules/commander"],
    "lru-cache": ["lru-cache"],
    yaml: ["gestalt-cache-memory/node_modules/yaml"],
  });
});

test.each(["installed", "unpacked"])(
  "a host builds the package where it is %s, without installing anything",
  { timeout: 60_000 },
  async (how) => {
    let root = join(installed.project, "node_modules/gestalt-cache-memory");
    if (how === "unpacked") {
      const directory = realpathSync(tempDirectory());
      execFileSync("tar", ["-xzf", installed.archive, "-C", directory]);
      root = join(directory, "package");
    }
    // Hosts install the dependencies when this directory is missing.
    expect(existsSync(join(root, "node_modules"))).toBe(true);
    const output = join(tempDirectory(), "gestalt-plugin-memory");
    const [bun = "", ...args] = buildCommand(root, "cache:./src/provider.ts#provider", output);
    execFileSync(bun, args, {
      stdio: "pipe",
      env: { ...reducedEnvironment(), PATH: "/usr/bin:/bin" },
    });
    const provider = await startProvider({ command: [output] });
    const identity = await provider.client("ProviderLifecycle").call("GetProviderIdentity", {});
    expect(identity.reply).toMatchObject({ kind: 6, version: VERSION });
  },
);

test("newer hosts run the unpacked package with Node, without an installation", async () => {
  const directory = realpathSync(tempDirectory());
  execFileSync("tar", ["-xzf", installed.archive, "-C", directory]);
  const cwd = join(directory, "package");
  const { install, run: started } = parse(readFileSync(join(cwd, "manifest.v8.yaml"), "utf8")) as {
    install: { command: [string, ...string[]] };
    run: { command: [string, ...string[]] };
  };
  const [program, ...args] = install.command;
  expect(execFileSync(program, args, { cwd, env: reducedEnvironment(), encoding: "utf8" })).toBe(
    "",
  );
  const provider = await startProvider({ command: started.command, cwd });
  const identity = await provider.client("ProviderLifecycle").call("GetProviderIdentity", {});
  expect(identity.reply).toMatchObject({ kind: 6, version: VERSION });
});
