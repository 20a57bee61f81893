/** Factors of the units, in bytes. Decimal units are 1000s, binary ones 1024s. */
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
 * A size as people write it, such as `64MiB`, `1.5 GB` or `1048576`, in whole
 * bytes (a fraction of a byte is dropped). Case does not matter. Undefined when
 * the text is no size.
 */
export function parseByteSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim());
  const unit = UNITS.get(match?.[2]?.toLowerCase() ?? "");
  if (match?.[1] === undefined || unit === undefined) return undefined;
  const bytes = Math.floor(Number(match[1]) * unit);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** A size for people, in the largest binary unit that gives at least 1: `64 MiB`, `1.5 KiB`. */
export function formatByteSize(bytes: number): string {
  const names = ["B", "KiB", "MiB", "GiB"];
  let power = 0;
  while (power < names.length - 1 && Math.abs(bytes) >= 1024 ** (power + 1)) power++;
  const scaled = bytes / 1024 ** power;
  return `${Number.isInteger(scaled) ? scaled : scaled.toFixed(1)} ${names[power] ?? "B"}`;
}
