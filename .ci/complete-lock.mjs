/**
 * Adds to package-lock.json the optional packages of other platforms that npm left
 * out. npm drops such a package when it cannot load its description while it
 * writes the lock file, and afterwards `npm ci` refuses that lock file everywhere.
 *
 * Run it after `npm install`: node .ci/complete-lock.mjs. What it adds has no
 * integrity hash, since the hash is part of the description that was not there.
 */
import { readFileSync, writeFileSync } from "node:fs";

const FILE = new URL("../package-lock.json", import.meta.url);
const PLATFORM =
  /-?(?<os>darwin|linux|win32|android|freebsd|openharmony)-(?<cpu>[a-z0-9]+)(?:-(?<abi>[a-z]+))?$/;
const CPUS = { armv7: "arm", aarch64: "arm64" };
const LIBCS = { gnu: "glibc", gnueabihf: "glibc", musl: "musl", musleabihf: "musl" };

const lock = JSON.parse(readFileSync(FILE, "utf8"));
const added = {};
for (const [path, { optionalDependencies = {}, dev }] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    const key = `node_modules/${name}`;
    if (lock.packages[key] ?? lock.packages[`${path}/${key}`]) continue;
    const { os, cpu, abi } = PLATFORM.exec(name)?.groups ?? {};
    if (os === undefined) throw new Error(`${name} (of ${path}) does not name its platform`);
    added[key] = {
      version,
      cpu: [CPUS[cpu] ?? cpu],
      ...(dev ? { dev } : {}),
      ...(LIBCS[abi] ? { libc: [LIBCS[abi]] } : {}),
      optional: true,
      os: [os],
    };
  }
}
// npm's own order, so that the next install does not shuffle the file.
const entries = Object.entries({ ...lock.packages, ...added });
entries.sort(([one], [other]) => one.localeCompare(other, "en"));
lock.packages = Object.fromEntries(entries);
writeFileSync(FILE, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`added ${Object.keys(added).length} packages to package-lock.json`);
