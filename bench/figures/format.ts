/** A number with few digits and thousands separators: `46,123`, `812`, `7.31`. */
export function formatFigure(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

/** A ratio: `7.31x`. */
export function formatRatio(value: number): string {
  return Number.isFinite(value) ? `${value.toFixed(2)}x` : "–";
}

/** Milliseconds, with three decimals below 10. */
export function formatMs(value: number): string {
  return Number.isFinite(value) ? `${value.toFixed(Math.abs(value) < 10 ? 3 : 1)} ms` : "–";
}

/** Bytes as MiB. */
export function formatMiB(bytes: number): string {
  return `${formatFigure(bytes / 2 ** 20)} MiB`;
}
