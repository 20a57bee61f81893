import type { Writable } from "node:stream";
import { escapeControls } from "../contract/printable-text.js";

/** The levels of entries. A log keeps the entries of its level and of those before it. */
export const LOG_LEVELS = ["error", "warn", "info", "debug"] as const;

/** One of {@link LOG_LEVELS}. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** The formats of entries: text for people, or one JSON object per line. */
export const LOG_FORMATS = ["text", "json"] as const;

/** One of {@link LOG_FORMATS}. */
export type LogFormat = (typeof LOG_FORMATS)[number];

/** The fields of an entry besides its message. They never contain a key or a value of a cache. */
export type LogFields = Readonly<Record<string, string | number>>;

/** Writes entries, and drops those below its level. */
export interface Log {
  /** Returns whether entries of a level are kept, so that callers need not build others. */
  keeps(level: LogLevel): boolean;
  write(level: LogLevel, message: string, fields?: LogFields): void;
}

/** Options of {@link createLog}. */
export interface LogOptions {
  readonly level: LogLevel;
  readonly format: LogFormat;
  /** Receives one line, with its line break. */
  readonly output: (line: string) => void;
  /** Returns the time of day; default: the system's. */
  readonly now?: () => Date;
}

/** Creates a log. Each entry is one line: control characters are escaped. */
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

/** The unread bytes from which on entries are dropped: minutes of a busy log. */
const MAX_UNREAD_BYTES = 1024 * 1024;

/**
 * Creates a log that writes to a stream. While a mebibyte is unread, entries are dropped, since
 * they would fill the memory; when the reader has caught up, an entry gives their number. Errors
 * of the stream, such as the end of its reader, are ignored.
 */
export function createStreamLog(
  stream: Writable,
  options: Pick<LogOptions, "level" | "format">,
): Log {
  let dropped = 0;
  // Counted here, since Bun's standard error does not count them.
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
    log.write("error", "log entries were dropped, since they were not read fast enough", {
      entries,
    });
  };
  stream.on("error", () => {});
  return log;
}

function jsonLine(time: string, level: LogLevel, message: string, fields: LogFields): string {
  // The entry's own names come last, so that no field can replace them.
  return escapeControls(JSON.stringify({ ...fields, time, level, message }));
}

function textLine(time: string, level: LogLevel, message: string, fields: LogFields): string {
  const words = Object.entries(fields).map(([name, value]) => `${name}=${word(value)}`);
  return [time, level.toUpperCase().padEnd(5), escapeControls(message), ...words].join(" ");
}

/** Returns a value as text. It is quoted unless it is one plain word. */
function word(value: string | number): string {
  const text = String(value);
  return /^[\w@%+:,./-]+$/.test(text) ? text : escapeControls(JSON.stringify(text));
}

function currentTime(): Date {
  return new Date();
}
