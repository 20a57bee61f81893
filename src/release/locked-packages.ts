import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** A package as the lock file pins it. */
export interface LockedPackage {
  readonly name: string;
  readonly version: string;
  /** An SPDX expression; unset when the package does not say. */
  readonly license?: string;
  /** `sha512-` and the base64 of the package's archive. */
  readonly integrity?: string;
  /** Names of the packages that it needs, of those in the lock file. */
  readonly needs: readonly string[];
}

interface LockEntry {
  readonly version: string;
  readonly license?: string;
  readonly integrity?: string;
  readonly dev?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** Packages that an executable is made of. */
export interface LockedPackages {
  readonly root: LockedPackage;
  /** What the root needs at run time, directly or not; sorted by name. */
  readonly libraries: readonly LockedPackage[];
  /** The runtime inside the executable. */
  readonly bun: LockedPackage;
}

const INSTALLED = "node_modules/";

/**
 * Reads from a package's lock file what its executables are made of.
 *
 * @throws Error when a name is there in two versions, which a list by name cannot hold
 */
export async function readLockedPackages(root: string): Promise<LockedPackages> {
  const text = await readFile(join(root, "package-lock.json"), "utf8");
  const { name, packages } = JSON.parse(text) as {
    readonly name: string;
    readonly packages: Readonly<Record<string, LockEntry>>;
  };
  const libraries = Object.entries(packages)
    .filter(([path, { dev }]) => path !== "" && !dev)
    .map(([path, entry]) => lockedPackage(nameFrom(path), entry));
  const nested = libraries.find((each, index) => libraries.findIndex(sameName(each)) !== index);
  if (nested !== undefined) throw new Error(`${nested.name} is in the lock file twice`);
  return {
    root: lockedPackage(name, entryAt(packages, "")),
    libraries: libraries.sort((a, b) => (a.name < b.name ? -1 : 1)),
    bun: lockedPackage("bun", entryAt(packages, `${INSTALLED}bun`)),
  };
}

function entryAt(packages: Readonly<Record<string, LockEntry>>, path: string): LockEntry {
  const entry = packages[path];
  if (entry === undefined) throw new Error(`the lock file has no "${path}"`);
  return entry;
}

function lockedPackage(name: string, entry: LockEntry): LockedPackage {
  const { version, license, integrity, dependencies, peerDependencies } = entry;
  return {
    name,
    version,
    ...(license === undefined ? {} : { license }),
    ...(integrity === undefined ? {} : { integrity }),
    needs: Object.keys({ ...dependencies, ...peerDependencies }).sort(),
  };
}

function nameFrom(path: string): string {
  return path.slice(path.lastIndexOf(INSTALLED) + INSTALLED.length);
}

function sameName({ name }: LockedPackage): (other: LockedPackage) => boolean {
  return (other) => other.name === name;
}
