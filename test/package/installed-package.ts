import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repositoryRoot } from "../support/provider-process.js";

/** The package as a user has it: packed, and installed in a project. */
export interface InstalledPackage {
  /** The user's project. */
  readonly project: string;
  /** The path of the archive. */
  readonly archive: string;
  /** The package's own files in the archive, sorted. */
  readonly packedFiles: readonly string[];
  /** The packages bundled in the archive, sorted. */
  readonly bundled: readonly string[];
  remove(): void;
}

/**
 * Libraries that a plugin may use as well, each with a version of an earlier patch release
 * where the range of this package includes one. The number decides where npm puts a package.
 */
const SHARED: Readonly<Record<string, string | undefined>> = {
  "@bufbuild/protobuf": undefined,
  "@connectrpc/connect": "2.1.1",
  "@connectrpc/connect-node": "2.1.1",
  "lru-cache": undefined,
};

/**
 * Packs the built package and installs it in a project that depends on {@link SHARED}. They
 * come from this repository's node_modules, so the installation needs no network.
 */
export function installPackage(): InstalledPackage {
  const project = realpathSync(mkdtempSync(join(tmpdir(), "gcm-")));
  // Without scripts, which would rebuild files that other tests use.
  const packed = npm(repositoryRoot, ["pack", "--ignore-scripts", "--json"], project);
  const [{ filename, files, bundled }] = JSON.parse(packed) as [
    { filename: string; files: { path: string }[]; bundled: string[] },
  ];
  const dependencies = Object.fromEntries(
    Object.entries(SHARED).map(([name, version]) => [name, copyShared(project, name, version)]),
  );
  const description = { name: "project", private: true, type: "module", dependencies };
  writeFileSync(join(project, "package.json"), JSON.stringify(description));
  // Copies of the directories, as from a registry, instead of links to them.
  const flags = ["--offline", "--install-links", "--no-audit", "--no-fund"];
  npm(project, ["install", ...flags, join(project, filename)]);
  return {
    project,
    archive: join(project, filename),
    packedFiles: files
      .map(({ path }) => path)
      .filter((path) => !path.startsWith("node_modules/"))
      .sort(),
    bundled: bundled.sort(),
    remove: () => rmSync(project, { recursive: true }),
  };
}

/** Copies an installed library, under another version where one is given. @returns its specifier */
function copyShared(project: string, name: string, version?: string): string {
  const directory = join(project, "libraries", name);
  cpSync(join(repositoryRoot, "node_modules", name), directory, { recursive: true });
  const file = join(directory, "package.json");
  const description = JSON.parse(readFileSync(file, "utf8")) as {
    peerDependencies?: Record<string, string>;
    devDependencies?: unknown;
    scripts?: unknown;
  };
  // npm prepares a directory with these, and a published package without them.
  delete description.devDependencies;
  delete description.scripts;
  const { peerDependencies = {} } = description;
  if (version !== undefined && "@connectrpc/connect" in peerDependencies)
    peerDependencies["@connectrpc/connect"] = version;
  writeFileSync(file, JSON.stringify({ ...description, ...(version && { version }) }));
  return `file:./libraries/${name}`;
}

function npm(cwd: string, args: readonly string[], destination?: string): string {
  const to = destination === undefined ? [] : ["--pack-destination", destination];
  return execFileSync("npm", [...args, "--loglevel=error", ...to], {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
}
