import { spawnSync } from "node:child_process";

/** True when a program is on PATH. A message names the tests that are skipped without it. */
export function isInstalled(program: string): boolean {
  const isFound = spawnSync(program, ["--version"], { stdio: "ignore" }).error === undefined;
  if (!isFound) console.warn(`${program} is not installed: the tests that need it are skipped`);
  return isFound;
}
