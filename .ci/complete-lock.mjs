/**
 * Completes package-lock.json: adds the optional packages of other platforms that npm
 * left out, and the integrity hash of entries that have none. npm drops such a package
 * when it cannot load its description while it writes the lock file, and afterwards
 * `npm ci` refuses that lock file everywhere.
 *
 * Run it after `npm install`: node .ci/complete-lock.mjs [file]. The descriptions come
 * from `npm view`. When one cannot be loaded, the script fails and writes nothing.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const file = process.argv[2] ?? fileURLToPath(new URL("../package-lock.json", import.meta.url));
const lock = JSON.parse(readFileSync(file, "utf8"));

const incomplete = new Map();
for (const [path, entry] of Object.entries(lock.packages)) {
  if (isFromRegistry(path, entry) && entry.integrity === undefined) incomplete.set(path, entry);
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const key = `node_modules/${name}`;
    if (lock.packages[key] ?? lock.packages[`${path}/${key}`]) continue;
    incomplete.set(key, { version, ...(entry.dev ? { dev: true } : {}), optional: true });
  }
}
for (const [path, entry] of incomplete) lock.packages[path] = completed(path, entry);

// npm's own order, so that the next install does not shuffle the file.
const entries = Object.entries(lock.packages);
entries.sort(([one], [other]) => one.localeCompare(other, "en"));
lock.packages = Object.fromEntries(entries);
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`completed ${incomplete.size} packages in package-lock.json`);

/** The root package, links and packages inside another's archive have no hash of their own. */
function isFromRegistry(path, { link, inBundle }) {
  return path.includes("node_modules/") && !link && !inBundle;
}

/** The entry with what npm would have written. */
function completed(path, entry) {
  const name = entry.name ?? path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
  const specifier = `${name}@${entry.version}`;
  const fields = ["version", "dist.integrity", "cpu", "libc", "license", "os", "engines"];
  const view = ["view", specifier, ...fields, "--json"];
  const { "dist.integrity": integrity, ...description } = JSON.parse(
    execFileSync("npm", view, { encoding: "utf8" }),
  );
  if (typeof integrity !== "string") throw new Error(`npm knows no integrity hash of ${specifier}`);
  const { version, ...others } = { ...entry, ...description };
  // npm's own order of keys: objects last, and each kind by name.
  const isObject = (value) => value.constructor === Object;
  const sorted = Object.entries(others).sort(
    ([one, oneValue], [other, otherValue]) =>
      isObject(oneValue) - isObject(otherValue) || one.localeCompare(other, "en"),
  );
  return { version, integrity, ...Object.fromEntries(sorted) };
}
