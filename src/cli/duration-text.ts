const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/**
 * Reads a length of time as people write it: `90s`, `5m`, `1h30m`, `1.5h`, `250ms`,
 * `2d`. The unit has to be there.
 *
 * @returns milliseconds, which may be 0; undefined when it is none of these
 */
export function parseDurationMs(text: string): number | undefined {
  const part = String.raw`(\d+(?:\.\d+)?)(ms|s|m|h|d)`;
  if (!new RegExp(`^(?:${part})+$`).test(text)) return undefined;
  let totalMs = 0;
  for (const [, amount, unit = ""] of text.matchAll(new RegExp(part, "g"))) {
    totalMs += Number(amount) * (UNIT_MS[unit] ?? NaN);
  }
  return totalMs;
}
