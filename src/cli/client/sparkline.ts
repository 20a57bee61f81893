const BARS = "▁▂▃▄▅▆▇█";

/**
 * A row of bar characters, one for each value, the latest last. An undefined value is a space.
 *
 * @param width - the number of values to show; older ones are left out
 * @param full - the value of a full bar; a larger value is a full bar too
 */
export function sparkline(
  values: readonly (number | undefined)[],
  { width, full }: { width: number; full: number },
): string {
  return values
    .slice(-width)
    .map((value) => {
      if (value === undefined) return " ";
      const share = full > 0 ? Math.min(1, Math.max(0, value / full)) : 0;
      return BARS[Math.round(share * (BARS.length - 1))];
    })
    .join("");
}
