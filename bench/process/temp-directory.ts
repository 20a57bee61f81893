import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const made: string[] = [];
process.once("exit", () => {
  for (const directory of made) rmSync(directory, { recursive: true, force: true });
});

/** A fresh private directory that is removed when this process ends. */
export function tempDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "gcb-"));
  made.push(directory);
  return directory;
}
