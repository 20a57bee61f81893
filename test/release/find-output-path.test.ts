import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { repositoryRoot } from "../support/provider-process.js";
import { tempDirectory } from "../support/temp-directory.js";

const MODULE = join(repositoryRoot, "dist/release/build/find-output-path.js");
const SCRIPT = `import(${JSON.stringify(MODULE)}).then(({ findOutputPath }) => {
  process.stdout.write(findOutputPath(process.argv[1], process.cwd()));
}).catch((error) => process.stdout.write(error.message));`;

/** Runs the search as a host does: the host in its directory starts a shell in ROOT. */
function findAsHost(hostDirectory: string, root: string, output: string): string {
  const command = 'cd "$1" && "$2" -e "$3" "$4"; exit $?';
  const args = ["-c", command, "sh", root, process.execPath, SCRIPT, output];
  // The outer shell is the host; it stays in its directory while the inner one runs.
  return execFileSync("sh", ["-c", 'sh "$@"; exit $?', "sh", ...args], {
    cwd: hostDirectory,
    encoding: "utf8",
  });
}

function directories(): { host: string; root: string } {
  const base = realpathSync(tempDirectory());
  const host = join(base, "host");
  const root = join(base, "packages/cache");
  mkdirSync(host);
  mkdirSync(root, { recursive: true });
  return { host, root };
}

const DIRECTORY = ".gestaltd/cache/session.tmp-1366564440";
const OUTPUT = `${DIRECTORY}/gestalt-plugin-session`;

test("an absolute OUTPUT stays as it is", () => {
  const { host, root } = directories();
  expect(findAsHost(host, root, "/somewhere/else/x")).toBe("/somewhere/else/x");
});

test("a relative OUTPUT is found in the directory of the host beside ROOT", () => {
  const { host, root } = directories();
  mkdirSync(join(host, DIRECTORY), { recursive: true });
  expect(findAsHost(host, root, OUTPUT)).toBe(join(host, OUTPUT));
});

test("a relative OUTPUT is found in the directory of the host above ROOT", () => {
  const { host } = directories();
  const root = join(host, "node_modules/gestalt-cache-memory");
  mkdirSync(root, { recursive: true });
  mkdirSync(join(host, DIRECTORY), { recursive: true });
  expect(findAsHost(host, root, OUTPUT)).toBe(join(host, OUTPUT));
});

test("a relative OUTPUT is found above ROOT when the host runs elsewhere", () => {
  const { host, root } = directories();
  const above = join(root, "..");
  mkdirSync(join(above, DIRECTORY), { recursive: true });
  expect(findAsHost(host, root, OUTPUT)).toBe(join(above, OUTPUT));
});

test("a relative OUTPUT is found in ROOT when the host runs there", () => {
  const { root } = directories();
  mkdirSync(join(root, DIRECTORY), { recursive: true });
  expect(findAsHost(root, root, OUTPUT)).toBe(join(root, OUTPUT));
});

test("the directory of the host comes before one of the same name in ROOT", () => {
  const { host, root } = directories();
  mkdirSync(join(host, "out"));
  mkdirSync(join(root, "out"));
  expect(findAsHost(host, root, "out/x")).toBe(join(host, "out/x"));
});

test.each([OUTPUT, "x", "./x"])("OUTPUT %s in no known directory is refused", (output) => {
  const { host, root } = directories();
  const message = findAsHost(host, root, output);
  expect(message).toContain(`OUTPUT is the relative path "${output}"`);
  expect(message).toContain('--config "$PWD/gestalt.yaml"');
  expect(readdirSync(root)).toEqual([]);
});
