/** The units in bytes: decimal ones are powers of 1000, binary ones of 1024. */
const UNITS = new Map([
  ["", 1],
  ["b", 1],
  ["kb", 1e3],
  ["mb", 1e6],
  ["gb", 1e9],
  ["kib", 2 ** 10],
  ["mib", 2 ** 20],
  ["gib", 2 ** 30],
]);

/**
 * Reads a size such as `64MiB`, `1.5 GB` or `1048576`. Case does not matter.
 *
 * @returns whole bytes, a fraction of a byte dropped; undefined for any other text, and for a
 *   size above 2^53 - 1
 */
export function parseByteSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim());
  const unit = UNITS.get(match?.[2]?.toLowerCase() ?? "");
  if (match?.[1] === undefined || unit === undefined) return undefined;
  const bytes = Math.floor(Number(match[1]) * unit);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** Writes a size in the largest binary unit that gives at least 1: `64 MiB`, `1.5 KiB`, `0 B`. */
export function formatByteSize(bytes: number): string {
  const names = ["B", "KiB", "MiB", "GiB"];
  let power = 0;
  while (power < names.length - 1 && Math.abs(bytes) >= 1024 ** (power + 1)) power++;
  const scaled = bytes / 1024 ** power;
  return `${Number.isInteger(scaled) ? scaled : scaled.toFixed(1)} ${names[power] ?? "B"}`;
}
