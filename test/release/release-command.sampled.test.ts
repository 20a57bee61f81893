import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { currentPlatform, formatPlatform } from "../../src/release/build/target-platform.js";
import { startProcess } from "../support/child-process.js";
import { LOCKED_BUN } from "../support/compiled-executable.js";
import { repositoryRoot, startProvider } from "../support/provider-process.js";
import { isFullSize } from "../support/sample.js";
import { tempDirectory } from "../support/temp-directory.js";

interface Run {
  readonly code: number | null;
  readonly output: string;
}

/** Runs a program in the repository. */
async function run(...command: string[]): Promise<Run> {
  const child = startProcess(command, { cwd: repositoryRoot });
  const { code } = await child.ended;
  return { code, output: child.stdout() + child.stderr() };
}

/** Runs a script of package.json. */
function npmRun(...args: string[]): Promise<Run> {
  return run("npm", "run", "--silent", ...args);
}

// verify-release.test.ts checks the same of a small release.
test.runIf(isFullSize)(
  "a release of this platform is made, checked, unpacked and run",
  { timeout: 120_000 },
  async () => {
    const directory = join(tempDirectory(), "release");
    const made = await npmRun("release", "--", "--version", "1.2.3-rc.1", "--out", directory);
    expect(made).toMatchObject({ code: 0 });
    const files = readdirSync(directory, { recursive: true, encoding: "utf8" });
    for (const file of files.filter((each) => statSync(join(directory, each)).isFile())) {
      expect(made.output).toContain(`created ${join(directory, file)}\n`);
    }
    expect(await npmRun("release:check", "--", directory)).toEqual({
      code: 0,
      output: `${directory}: complete and unharmed\n`,
    });

    // As a host takes it apart: the metadata names the archive, its manifest the executable.
    const metadata = parse(readFileSync(join(directory, "provider-release.yaml"), "utf8")) as {
      artifacts: Record<string, { path: string }>;
    };
    const archive = metadata.artifacts[formatPlatform(currentPlatform())]?.path ?? "";
    const unpacked = tempDirectory();
    execFileSync("tar", ["-xzf", join(directory, archive), "-C", unpacked]);
    const manifest = parse(readFileSync(join(unpacked, "manifest.yaml"), "utf8")) as {
      version: string;
      entrypoint: { artifactPath: string };
    };
    expect(manifest.version).toBe("1.2.3-rc.1");
    const command = [join(unpacked, manifest.entrypoint.artifactPath)];
    const provider = await startProvider({ command, cwd: unpacked });
    const lifecycle = provider.client("ProviderLifecycle");
    expect((await lifecycle.call("GetProviderIdentity", {})).reply).toMatchObject({
      kind: 6,
      version: "1.2.3-rc.1",
    });

    // One byte of the archive, somewhere in the middle.
    const path = join(directory, archive);
    const bytes = readFileSync(path);
    bytes[20_000_000] = (bytes[20_000_000] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    const tampered = await npmRun("release:check", "--", directory);
    expect(tampered.code).toBe(1);
    expect(tampered.output).toContain(`checksums.txt: ${archive} is not what it was`);
  },
);

test("the release command builds nothing for wrong flags", async () => {
  const directory = tempDirectory();
  writeFileSync(join(directory, "precious"), "");
  for (const [flag, value, problem] of [
    ["--platform", "linux/amd64,solaris/sparc", 'unknown platform "solaris/sparc"'],
    ["--version", "v1.0.0", '"v1.0.0" is not a plain semantic version'],
    ["--libc", "bionic", 'unknown libc "bionic"'],
  ] as const) {
    const args = [flag, value, "--out", join(directory, "out")];
    const { code, output } = await run(LOCKED_BUN, "src/release/release.ts", ...args);
    expect(code).toBe(1);
    expect(output).toContain(problem);
  }
  expect(readdirSync(directory)).toEqual(["precious"]);
});
