import { execFileSync } from "node:child_process";
import {
  createReadStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { VERSION } from "../../src/version.js";
import { fencedBlocks } from "../docs/fenced-blocks.js";
import { commandUnderTest, repositoryRoot } from "../support/provider-process.js";
import { createHostDirectory } from "./host-directory.js";
import { Host } from "./running-host.js";

/** The host's program: `GESTALTD=/path/to/gestaltd npx vitest run … real-host/`. */
const program = process.env["GESTALTD"];

/** The complete configurations of the page; the rest are pieces. */
const configurations = fencedBlocks("docs/using-with-gestaltd.md", ["yaml"])
  .map(({ line, text }) => {
    const { apiVersion } = parse(text) as { apiVersion?: string };
    return { line, text, apiVersion };
  })
  .filter(({ apiVersion }) => apiVersion !== undefined);

test("docs/using-with-gestaltd.md has a configuration for every version", () => {
  const versions = configurations.map(({ apiVersion }) => apiVersion?.replace(/.*\//, ""));
  expect(versions).toEqual(["v3", "v4", "v5", "v5", "v8"]);
});

test.skipIf(program !== undefined)(
  "hosts are tested when GESTALTD names a gestaltd",
  ({ skip }) => {
    skip("set GESTALTD to the path of a gestaltd");
  },
);

describe.skipIf(program === undefined)("a gestaltd", { timeout: 120_000 }, () => {
  let directory: string;
  let host: Host;

  const release = (): string => join(directory, "release");
  const ours = (): typeof configurations =>
    configurations.filter(({ apiVersion = "" }) =>
      host.generation.apiVersions.includes(apiVersion),
    );
  const fromSource = (): string => ours()[0]?.text ?? "";

  beforeAll(async () => {
    directory = await createHostDirectory();
    host = new Host(program ?? "", directory);
    const args = ["run", "--silent", "release", "--", "--out", release()];
    execFileSync("npm", args, { cwd: repositoryRoot, stdio: "pipe" });
  }, 120_000);
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  test.for(configurations)(
    "moves a value through a plugin with the configuration in line $line",
    async ({ text, apiVersion }, { skip }) => {
      skip(!ours().some((each) => each.text === text), `the host does not read ${apiVersion}`);
      await host.prepare(text);
      const running = await host.serve(text);
      expect(await running.roundTrip("a", "one")).toEqual({ before: null, after: "one" });
      expect(await running.roundTrip("a", "two")).toEqual({ before: "one", after: "two" });
      running.process.signal("SIGTERM");
      expect(await running.process.ended).toEqual({ code: 0, signal: null });
      expect(existsSync(join(repositoryRoot, ".gestaltd/cache"))).toBe(false);
    },
  );

  test("builds the unpacked npm package without an installation", async () => {
    const pack = ["pack", "--ignore-scripts", "--json", "--pack-destination", directory];
    const output = execFileSync("npm", pack, {
      cwd: repositoryRoot,
      encoding: "utf8",
      stdio: "pipe",
    });
    const [{ filename }] = JSON.parse(output) as [{ filename: string }];
    execFileSync("tar", ["-xzf", filename], { cwd: directory });
    const configuration = fromSource().replace("./gestalt-cache-memory/", "./package/");
    await host.prepare(configuration);
    const running = await host.serve(configuration);
    expect(await running.roundTrip("a", "one")).toEqual({ before: null, after: "one" });
  });

  test("fetches a release by its URL", async () => {
    const server = createServer(({ url }, reply) => {
      createReadStream(join(release(), url ?? ""))
        .once("error", () => reply.writeHead(404).end())
        .pipe(reply);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/before-2026-06-05/provider-release.yaml`;
    const configuration = fromSource().replace("./gestalt-cache-memory/manifest.yaml", url);
    await host.prepare(configuration);
    const running = await host.serve(configuration);
    expect(await running.roundTrip("a", "one")).toEqual({ before: null, after: "one" });
  });

  test("builds a new project from its manifest for earlier hosts", async () => {
    const root = join(directory, "my-cache");
    const [command, ...args] = [...commandUnderTest, "new", root];
    execFileSync(command, args, { stdio: "pipe" });
    mkdirSync(join(root, "node_modules"));
    symlinkSync(repositoryRoot, join(root, "node_modules/gestalt-cache-memory"));
    const configuration = fromSource().replace(
      "./gestalt-cache-memory/manifest.yaml",
      "./my-cache/manifest.before-v8.yaml",
    );
    await host.prepare(configuration);
    const running = await host.serve(configuration);
    expect(await running.roundTrip("a", "one")).toEqual({ before: null, after: "one" });
  });

  test("serves a source tree without preparation", async () => {
    const running = await host.serve(fromSource(), ["serve"]);
    expect(await running.roundTrip("a", "one")).toEqual({ before: null, after: "one" });
  });

  test("validates a configuration, starting the caches of a plugin from a manifest", async () => {
    await host.prepare(fromSource());
    expect(await host.run(host.generation.validate, fromSource())).toContain("config ok");
    // The schema accepts this text, and only the provider knows that it is too large.
    const config = "    session:\n      config:\n        maxBytes: 65GiB\n";
    const wrong = fromSource().replace("    session:\n", config);
    await host.prepare(wrong);
    await expect(host.run(host.generation.validate, wrong)).rejects.toThrow(
      "invalid config: /maxBytes: must be 1 to 68719476736 bytes",
    );
  });

  test("validates a plugin from a release without starting its caches", async () => {
    const release = ours().find(({ text }) => text.includes("maxBytes: 256MiB"))?.text ?? "";
    const wrong = release.replace("256MiB", "65GiB");
    await host.prepare(wrong);
    expect(await host.run(host.generation.validate, wrong)).toContain("config ok");
  });

  test("refuses a misspelled key with the words of the page", async () => {
    const key = "    session:\n      config:\n        maxByte: 1\n";
    const wrong = fromSource().replace("    session:\n", key);
    await expect(host.prepare(wrong)).rejects.toThrow(
      "additional properties 'maxByte' not allowed",
    );
  });

  test("refuses the manifest of later hosts with the words of the page", async () => {
    const wrong = fromSource().replace("memory/manifest.yaml", "memory/manifest.v8.yaml");
    await expect(host.prepare(wrong)).rejects.toThrow(
      "field build not found in type providermanifestv1.Manifest",
    );
  });

  test("packages the same bytes as npm run release, and release:check accepts them", () => {
    const output = join(directory, "host-release");
    const args = ["provider", "release", "--version", VERSION, "--output", output];
    execFileSync(program ?? "", args, {
      cwd: repositoryRoot,
      stdio: "pipe",
      env: { ...process.env, GESTALT_TYPESCRIPT_SDK_DIR: "/nonexistent" },
    });
    const [archive = ""] = readdirSync(output).filter((file) => file.endsWith(".tar.gz"));
    const tar = (from: string): Buffer => gunzipSync(readFileSync(join(from, archive)));
    expect(tar(output).equals(tar(release()))).toBe(true);
    const check = ["run", "--silent", "release:check", "--", output];
    execFileSync("npm", check, { cwd: repositoryRoot, stdio: "pipe" });
  });
});
