const UNIT_MS: readonly (readonly [unit: string, ms: number])[] = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
  ["ms", 1],
];

const PART = String.raw`(\d+)(?:\.(\d+))?(ms|s|m|h|d)`;
const DURATION = new RegExp(`^(?:${PART})+$`);

/**
 * Reads a duration such as `90s`, `5m`, `1h30m`, `1.5h`, `250ms` or `2d`. Each number needs a unit.
 *
 * @returns whole milliseconds, a fraction rounded up; may be 0, or longer than the longest delay
 *   of a timer; undefined for any other text
 */
export function parseDurationMs(text: string): number | undefined {
  if (!DURATION.test(text)) return undefined;
  const parts = [...text.matchAll(new RegExp(PART, "g"))];
  // In integers, since 1.005 * 1000 is less than 1005, and 0.07 * 1000 is more than 70.
  const scale = parts.reduce((most, [, , fraction = ""]) => Math.max(most, fraction.length), 0);
  const one = 10n ** BigInt(scale);
  let total = 0n;
  for (const [, whole = "", fraction = "", unit] of parts) {
    const [, unitMs = 0] = UNIT_MS.find(([name]) => name === unit) ?? [];
    total += BigInt(whole + fraction.padEnd(scale, "0")) * BigInt(unitMs);
  }
  return Number((total + one - 1n) / one);
}

/** Writes whole milliseconds in a form that {@link parseDurationMs} reads: `1h30m`, `0s`. */
export function formatDurationMs(ms: number): string {
  let left = ms;
  const parts = UNIT_MS.map(([unit, unitMs]) => {
    const count = Math.floor(left / unitMs);
    left -= count * unitMs;
    return count === 0 ? "" : `${count}${unit}`;
  });
  return parts.join("") || "0s";
}
