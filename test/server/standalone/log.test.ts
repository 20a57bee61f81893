import { expect, test } from "vitest";
import {
  createLog,
  LOG_LEVELS,
  type LogFormat,
  type LogLevel,
} from "../../../src/server/standalone/log.js";
import { createRepeatedNotice } from "../../../src/server/standalone/repeated-notice.js";

const now = (): Date => new Date("2026-03-04T05:06:07.008Z");

function logTo(lines: string[], level: LogLevel = "info", format: LogFormat = "text") {
  return createLog({ level, format, now, output: (line) => lines.push(line) });
}

test("a level keeps itself and what is above it", () => {
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

test("text for people", () => {
  const lines: string[] = [];
  logTo(lines).write("warn", "it is so", { address: "unix:///a b", port: 7, binding: "session" });
  expect(lines).toEqual([
    '2026-03-04T05:06:07.008Z WARN  it is so address="unix:///a b" port=7 binding=session\n',
  ]);
});

test("JSON for machines; fields do not pass themselves off as the entry's own", () => {
  const lines: string[] = [];
  logTo(lines, "info", "json").write("info", "served", { hits: 2, level: "error" });
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    { hits: 2, time: "2026-03-04T05:06:07.008Z", level: "info", message: "served" },
  ]);
});

test.each(["text", "json"] as const)("nothing breaks a line of %s", (format) => {
  const lines: string[] = [];
  const nasty = 'a\r\nb\u2028\u001b[31m\0"';
  logTo(lines, "info", format).write("info", nasty, { nasty });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^[^\r\n\u0000-\u001f]*\n$/);
});

test("a notice that is repeated is logged now and then, with its count", () => {
  const lines: string[] = [];
  let nowMs = 0;
  const notice = createRepeatedNotice(logTo(lines), "warn", () => nowMs);
  for (nowMs = 0; nowMs < 25_000; nowMs += 100) notice("refused");
  expect(lines.map((line) => line.slice(25))).toEqual([
    "WARN  refused\n",
    "WARN  refused times=100\n",
    "WARN  refused times=100\n",
  ]);
});
