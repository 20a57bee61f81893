import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A fresh private directory that is removed when the current test ends. */
export function tempDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "gcm-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A path for a Unix socket, in a fresh directory. */
export function tempSocketPath(): string {
  return join(tempDirectory(), "x.sock");
}
