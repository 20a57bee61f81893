import { Writable } from "node:stream";
import { expect, test, vi } from "vitest";
import {
  createLog,
  createStreamLog,
  LOG_LEVELS,
  type LogFormat,
  type LogLevel,
} from "../../src/standalone/log.js";
import { createThrottledLog } from "../../src/standalone/throttled-log.js";

const now = (): Date => new Date("2026-03-04T05:06:07.008Z");

function logTo(lines: string[], level: LogLevel = "info", format: LogFormat = "text") {
  return createLog({ level, format, now, output: (line) => lines.push(line) });
}

test("a log keeps the entries of its level and of more severe levels", () => {
  const kept = LOG_LEVELS.map((level) => {
    const lines: string[] = [];
    const log = logTo(lines, level);
    for (const each of LOG_LEVELS) log.write(each, each);
    expect(LOG_LEVELS.filter((each) => log.keeps(each))).toHaveLength(lines.length);
    return lines.map((line) => line.trim().split(" ").pop());
  });
  expect(kept).toEqual([
    ["error"],
    ["error", "warn"],
    ["error", "warn", "info"],
    ["error", "warn", "info", "debug"],
  ]);
});

test("an entry in text has its time, level, message and fields", () => {
  const lines: string[] = [];
  logTo(lines).write("warn", "it is so", { address: "unix:///a b", port: 7, binding: "session" });
  expect(lines).toEqual([
    '2026-03-04T05:06:07.008Z WARN  it is so address="unix:///a b" port=7 binding=session\n',
  ]);
});

test("the fields of an entry in JSON do not replace its time, level and message", () => {
  const lines: string[] = [];
  logTo(lines, "info", "json").write("info", "served", { hits: 2, level: "error" });
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    { hits: 2, time: "2026-03-04T05:06:07.008Z", level: "info", message: "served" },
  ]);
});

test.each(["text", "json"] as const)("an entry in %s is always one line", (format) => {
  const lines: string[] = [];
  const nasty = 'a\r\nb\u2028\u001b[31m\u009b31m\u007f\u202e\0"';
  logTo(lines, "info", format).write("info", nasty, { nasty });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^[\u0020-\u007e]*\n$/);
  if (format === "json")
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ message: nasty, nasty });
});

test("a repeated event is logged at intervals, with its count", () => {
  const lines: string[] = [];
  let nowMs = 0;
  const notice = createThrottledLog(logTo(lines), "warn", () => nowMs);
  for (nowMs = 0; nowMs < 25_000; nowMs += 100) notice("refused");
  expect(lines.map((line) => line.slice(25))).toEqual([
    "WARN  refused\n",
    "WARN  refused times=100\n",
    "WARN  refused times=100\n",
  ]);
});

/** A stream whose reader takes nothing until it is told to. */
class StalledStream extends Writable {
  readonly written: string[] = [];
  #release: (() => void) | undefined;
  #isReading = false;

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.written.push(chunk.toString());
    if (this.#isReading) done();
    else this.#release = done;
  }

  read(): void {
    this.#isReading = true;
    this.#release?.();
  }
}

test.each(LOG_LEVELS)("unread entries of level %s are dropped, and counted", async (level) => {
  const stream = new StalledStream();
  const log = createStreamLog(stream, { level, format: "json" });
  const count = 50_000;
  for (let entry = 0; entry < count; entry++) log.write(level, "call", { entry });
  expect(stream.writableLength).toBeLessThanOrEqual(1024 * 1024);
  stream.read();
  await vi.waitFor(() => expect(stream.written.at(-1)).toContain("dropped"));
  log.write(level, "last");
  const entries = stream.written.map((line) => JSON.parse(line) as Record<string, unknown>);
  const notice = entries.at(-2);
  expect(notice?.["level"]).toBe("error");
  expect(notice?.["message"]).toContain("dropped");
  expect(entries.length - 2 + Number(notice?.["entries"])).toBe(count);
  expect(entries.slice(0, -2).every(({ entry }, index) => entry === index)).toBe(true);
});

test("a fast reader receives every entry, and the end of the reader has no effect", async () => {
  const stream = new StalledStream();
  stream.read();
  const log = createStreamLog(stream, { level: "info", format: "text" });
  for (let entry = 0; entry < 20_000; entry++) {
    log.write("info", "call");
    if (entry % 1_000 === 0) await new Promise(setImmediate);
  }
  await new Promise(setImmediate);
  expect(stream.written).toHaveLength(20_000);
  stream.destroy(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
  await new Promise(setImmediate);
  expect(() => log.write("info", "call")).not.toThrow();
});
