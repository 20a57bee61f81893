const BARS = "▁▂▃▄▅▆▇█";

/**
 * A row of little bars, one for each value, the last value last. A value that is
 * not known leaves a gap.
 *
 * @param width - how many values to show; older ones are left out
 * @param full - the value of a full bar; larger ones are full as well
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
