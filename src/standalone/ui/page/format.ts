import { escapeControls } from "../../../contract/printable-text.js";

const BYTE_UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

/** A number of bytes, such as `1.5 MiB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < BYTE_UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return `${value.toFixed(digits)} ${BYTE_UNITS[unit] ?? ""}`;
}

/** A whole number with thousands separated. */
export function formatCount(count: number | bigint): string {
  return count.toLocaleString("en");
}

/** A part of one, such as `93.2 %`. */
export function formatShare(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

const TIME_UNITS: readonly (readonly [name: string, seconds: number])[] = [
  ["y", 31_536_000],
  ["d", 86_400],
  ["h", 3_600],
  ["m", 60],
  ["s", 1],
];

/** A time in its two largest units, such as `4m 03s`; less than a second as `250 ms`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  let seconds = Math.floor(ms / 1000);
  const parts: string[] = [];
  for (const [name, size] of TIME_UNITS) {
    if (parts.length === 2) break;
    const count = Math.floor(seconds / size);
    seconds -= count * size;
    if (parts.length > 0) parts.push(`${String(count).padStart(2, "0")}${name}`);
    else if (count > 0) parts.push(`${formatCount(count)}${name}`);
  }
  return parts.join(" ");
}

/** A short time, such as that of a call: `12 µs`, `0.12 ms`. */
export function formatMilliseconds(ms: number): string {
  if (ms < 0.001) return "< 1 µs";
  if (ms < 0.1) return `${Math.round(ms * 1000)} µs`;
  return `${ms < 10 ? ms.toFixed(2) : Math.round(ms)} ms`;
}

/** The most characters of a key that are shown. */
const MAX_KEY_LENGTH = 256;

/** A key that is shown in a line: a long one is cut, and the empty one has to be seen as well. */
export function formatKey(key: string): string {
  const shown = escapeControls(key.slice(0, MAX_KEY_LENGTH));
  if (key.length > MAX_KEY_LENGTH) return `${shown}…`;
  return key === "" ? '""' : shown;
}
