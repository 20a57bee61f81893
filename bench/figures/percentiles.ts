/** The median; the mean of the two middle values when their number is even. NaN without values. */
export function median(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/**
 * The smallest value that at least the share `quantile` (0 to 1) of the values does not
 * exceed (nearest rank), so the result is always a measured value.
 *
 * @param sorted - ascending; the result is NaN when it is empty
 */
export function percentile(sorted: Float64Array, quantile: number): number {
  const rank = Math.ceil(quantile * sorted.length);
  return sorted[Math.max(0, rank - 1)] ?? Number.NaN;
}
