import type { Writable } from "node:stream";
import { escapeControls } from "../contract/printable-text.js";

/** How much is logged: a level and everything above it. */
export const LOG_LEVELS = ["error", "warn", "info", "debug"] as const;

/** One of {@link LOG_LEVELS}. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** How entries look: lines for people, or one JSON object a line for machines. */
export const LOG_FORMATS = ["text", "json"] as const;

/** One of {@link LOG_FORMATS}. */
export type LogFormat = (typeof LOG_FORMATS)[number];

/** What an entry says besides its message. Never a key or a value of a cache. */
export type LogFields = Readonly<Record<string, string | number>>;

/** Takes entries; those below its level are dropped. */
export interface Log {
  /** True when entries of this level are kept: to spare the making of others. */
  keeps(level: LogLevel): boolean;
  write(level: LogLevel, message: string, fields?: LogFields): void;
}

/** What {@link createLog} makes a log of. */
export interface LogOptions {
  readonly level: LogLevel;
  readonly format: LogFormat;
  /** Takes one line, with its line break. */
  readonly output: (line: string) => void;
  /** The time of day; default: the system's. */
  readonly now?: () => Date;
}

/** Makes a log. Nothing in an entry can break its line. */
export function createLog({ level, format, output, now = currentTime }: LogOptions): Log {
  const kept = LOG_LEVELS.slice(0, LOG_LEVELS.indexOf(level) + 1);
  const lineFrom = format === "json" ? jsonLine : textLine;
  return {
    keeps: (asked) => kept.includes(asked),
    write(entryLevel, message, fields = {}) {
      if (!kept.includes(entryLevel)) return;
      output(`${lineFrom(now().toISOString(), entryLevel, message, fields)}\n`);
    },
  };
}

/** Unread bytes from which on entries are dropped: minutes of a busy log. */
const MAX_UNREAD_BYTES = 1024 * 1024;

/**
 * Makes a log that writes to a stream. While its reader is so slow that a mebibyte waits,
 * entries are dropped, since they would fill the memory; when it has caught up, an entry
 * says how many. Errors of the stream, as when its reader has ended, are ignored.
 */
export function createStreamLog(
  stream: Writable,
  options: Pick<LogOptions, "level" | "format">,
): Log {
  let dropped = 0;
  // Counted here: Bun's standard error does not say what waits.
  let unread = 0;
  const log = createLog({
    ...options,
    output(line) {
      if (unread + line.length > MAX_UNREAD_BYTES) {
        dropped++;
        return;
      }
      unread += line.length;
      stream.write(line, () => {
        unread -= line.length;
        if (unread === 0 && dropped > 0) report();
      });
    },
  });
  const report = (): void => {
    const entries = dropped;
    dropped = 0;
    log.write("error", "log entries were dropped, as they were not read fast enough", { entries });
  };
  stream.on("error", () => {});
  return log;
}

function jsonLine(time: string, level: LogLevel, message: string, fields: LogFields): string {
  // The entry's own names come last: no field can pass itself off as one of them.
  return escapeControls(JSON.stringify({ ...fields, time, level, message }));
}

function textLine(time: string, level: LogLevel, message: string, fields: LogFields): string {
  const words = Object.entries(fields).map(([name, value]) => `${name}=${word(value)}`);
  return [time, level.toUpperCase().padEnd(5), escapeControls(message), ...words].join(" ");
}

/** A value that is not one plain word is quoted. */
function word(value: string | number): string {
  const text = String(value);
  return /^[\w@%+:,./-]+$/.test(text) ? text : escapeControls(JSON.stringify(text));
}

function currentTime(): Date {
  return new Date();
}
