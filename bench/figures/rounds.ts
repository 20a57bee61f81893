import { median } from "./percentiles.js";

/** What each contestant reached, one value a round, by the contestant's name. */
export type RoundFigures = ReadonlyMap<string, readonly number[]>;

/**
 * Measures every contestant once a round. Who goes first changes from round to
 * round, so that a machine that becomes slower or faster favours no contestant.
 */
export async function measureInRounds<Contestant>(
  contestants: readonly Contestant[],
  rounds: number,
  measure: (contestant: Contestant, round: number) => Promise<void>,
): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < contestants.length; turn++) {
      const contestant = contestants[(round + turn) % contestants.length];
      if (contestant !== undefined) await measure(contestant, round);
    }
  }
}

/** A collection of figures that {@link measureInRounds} can fill. */
export class RoundRecorder {
  readonly #figures = new Map<string, number[]>();

  record(name: string, value: number): void {
    const values = this.#figures.get(name);
    if (values === undefined) this.#figures.set(name, [value]);
    else values.push(value);
  }

  get figures(): RoundFigures {
    return this.#figures;
  }

  /** The median of a contestant's rounds; NaN when there are none. */
  median(name: string): number {
    return median(this.#figures.get(name) ?? []);
  }

  /** The extremes of a contestant's rounds, as text. */
  spread(name: string, format: (value: number) => string): string {
    const values = this.#figures.get(name) ?? [];
    return values.length === 0
      ? ""
      : `${format(Math.min(...values))} to ${format(Math.max(...values))}`;
  }

  /**
   * How many times `other`'s figure `subject`'s is: the median of the rounds'
   * own ratios, since the two of one round were measured side by side.
   */
  ratio(subject: string, other: string): number {
    const others = this.#figures.get(other) ?? [];
    const ratios = (this.#figures.get(subject) ?? []).map(
      (value, round) => value / (others[round] ?? Number.NaN),
    );
    return median(ratios);
  }

  toJSON(): Record<string, readonly number[]> {
    return Object.fromEntries(this.#figures);
  }
}
