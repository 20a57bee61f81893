import { execFileSync } from "node:child_process";
import { readFileSync, readlinkSync, realpathSync, statSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";

/** No chain of processes is longer; a loop in what the system reports must end. */
const MAX_ANCESTORS = 64;

/**
 * The absolute path of an executable that a host asks for.
 *
 * A host whose configuration file was given by a relative path asks for a relative
 * OUTPUT and means its own directory, but it runs the build in ROOT. It has made the
 * directory of the OUTPUT beforehand, under a name that is not used twice. So that
 * directory is looked for above ROOT and where the processes run that started this
 * one, and in ROOT itself last. Nothing is created.
 *
 * @throws Error saying how to start the host when the directory is not found
 */
export function findOutputPath(output: string, root: string): string {
  if (isAbsolute(output)) return output;
  const directory = dirname(output);
  if (directory !== ".") {
    const own = realpathSync(root);
    const bases = new Set([...directoriesAbove(own), ...ancestorDirectories()]);
    bases.delete(own);
    for (const base of [...bases, own]) {
      if (isDirectory(join(base, directory))) return join(base, output);
    }
  }
  throw new Error(
    `OUTPUT is the relative path "${output}", and the directory that it starts from was not found; ` +
      'start the host with the full path of its configuration: --config "$PWD/gestalt.yaml"',
  );
}

function directoriesAbove(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [] : [parent, ...directoriesAbove(parent)];
}

/** The working directories of the processes above this one, the nearest first. */
function* ancestorDirectories(): Generator<string> {
  let pid = process.ppid;
  for (let count = 0; pid > 1 && count < MAX_ANCESTORS; count++) {
    const directory = attempt(() => workingDirectory(pid));
    if (directory !== undefined) yield directory;
    pid = attempt(() => parentOf(pid)) ?? 0;
  }
}

function workingDirectory(pid: number): string | undefined {
  if (process.platform === "linux") return readlinkSync(`/proc/${pid}/cwd`);
  const listing = run("lsof", "-a", "-p", String(pid), "-d", "cwd", "-F", "n");
  return /^n(\/.*)$/m.exec(listing)?.[1];
}

function parentOf(pid: number): number {
  if (process.platform === "linux") {
    return Number(/^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
  }
  return Number(run("ps", "-o", "ppid=", "-p", String(pid)));
}

function run(program: string, ...args: string[]): string {
  return execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
}

function isDirectory(path: string): boolean {
  return attempt(() => statSync(path).isDirectory()) === true;
}

/** Undefined when the system refuses to say: another user's process, one that has ended. */
function attempt<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
