import { execFileSync } from "node:child_process";
import { closeSync, constants, createReadStream, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { openCallFile } from "../../src/cli/control/control-flags.js";
import type { RecordedCall } from "../../src/standalone/control/call-record.js";
import { tempDirectory } from "../support/temp-directory.js";

/** A call with a line of 26 kB. */
const call: RecordedCall = {
  timeMs: 0,
  method: "getMany",
  keys: Array.from({ length: 100 }, () => "k".repeat(256)),
  keyCount: 100,
  hits: 0,
  misses: 100,
  bytes: 0,
  status: "ok",
  durationMs: 0.1,
  faultId: 0,
};

test("calls are left out of a pipe whose reader does not read, and counted", async () => {
  const path = join(tempDirectory(), "pipe");
  execFileSync("mkfifo", [path]);
  const reader = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  const reports: string[] = [];
  const file = openCallFile(path, (line) => reports.push(line));
  const before = process.memoryUsage().rss;
  const count = 5_000;
  for (let index = 0; index < count; index++) file.add(call, "");
  // All of them would take 130 MB.
  expect(process.memoryUsage().rss - before).toBeLessThan(80 * 1024 * 1024);

  const end = file.close();
  const content = text(createReadStream(path));
  await end;
  closeSync(reader);
  const written = (await content).match(/\n/g)?.length ?? 0;
  expect(reports).toEqual([
    `${count - written} calls are missing in ${path}, since they could not be written fast enough`,
  ]);
  expect(written).toBeGreaterThan(500);
});

test("every call is in a file, however many there are at once", async () => {
  const path = join(tempDirectory(), "calls");
  const reports: string[] = [];
  const file = openCallFile(path, (line) => reports.push(line));
  for (let index = 0; index < 500; index++) file.add(call, "");
  await file.close();
  expect(readFileSync(path, "utf8").match(/\n/g)).toHaveLength(500);
  expect(reports).toEqual([]);
});
