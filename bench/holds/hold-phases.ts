/** What a store is watched at, in this order. */
export const HOLD_PHASES = [
  "filling",
  "evicting",
  "expiring",
  "growing",
  "shrinking",
  "moving",
] as const;

/** One of {@link HOLD_PHASES}. */
export type HoldPhase = (typeof HOLD_PHASES)[number];

/** The longest holds of one run, in milliseconds. */
export interface HoldFigures {
  /** How many entries filled the cache. */
  readonly entries: number;
  readonly phases: Readonly<Record<HoldPhase, number>>;
}
