import { execFileSync } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repositoryRoot } from "../support/provider-process.js";

/** The package as a user has it: packed, and installed in a project of its own. */
export interface InstalledPackage {
  /** The user's project. */
  readonly project: string;
  /** The archive. */
  readonly archive: string;
  /** The package's own files in the archive, sorted. */
  readonly packedFiles: readonly string[];
  /** The packages that come with it in the archive, sorted. */
  readonly bundled: readonly string[];
  remove(): void;
}

/** Packs the built package and installs it in an empty project. */
export function installPackage(): InstalledPackage {
  const project = realpathSync(mkdtempSync(join(tmpdir(), "gcm-")));
  // Without scripts: they would build anew what other tests are using.
  const packed = npm(repositoryRoot, ["pack", "--ignore-scripts", "--json"], project);
  const [{ filename, files, bundled }] = JSON.parse(packed) as [
    { filename: string; files: { path: string }[]; bundled: string[] },
  ];
  const description = { name: "project", private: true, type: "module" };
  writeFileSync(join(project, "package.json"), JSON.stringify(description));
  npm(project, ["install", "--prefer-offline", "--no-audit", "--no-fund", join(project, filename)]);
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

function npm(cwd: string, args: readonly string[], destination?: string): string {
  const to = destination === undefined ? [] : ["--pack-destination", destination];
  return execFileSync("npm", [...args, "--loglevel=error", ...to], {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
}
