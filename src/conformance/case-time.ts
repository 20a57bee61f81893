import { setTimeout as sleep } from "node:timers/promises";
import { performance } from "node:perf_hooks";
import type { GetReply } from "./cache-under-test.js";
import { checkFound } from "./check.js";
import { TooSlowToTell } from "./failure.js";
import type { ManualClock } from "./manual-clock.js";
import { durationFromMs, msFromDuration, type WireDuration } from "./wire-duration.js";

/** When an entry's TTL ends: not before `earliest`, not after `latest` (readings of the time). */
export interface Lease {
  readonly earliest: number;
  readonly latest: number;
  /** When the call that began it was sent. */
  readonly begin: number;
}

/** How a case waits. */
export interface Ticker {
  /** True when time stands still unless waited for: an end is then known to the millisecond. */
  readonly exact: boolean;
  now(): number;
  wait(ms: number): Promise<void>;
}

/** Time that passes by itself; waiting ends early, with an error, when `signal` aborts. */
export function realTicker(signal?: AbortSignal): Ticker {
  return {
    exact: false,
    now: () => performance.now(),
    wait: async (ms) => {
      await sleep(ms, undefined, signal ? { signal } : {});
    },
  };
}

/** Time that passes only where a case waits for it. */
export function manualTicker(clock: ManualClock): Ticker {
  return {
    exact: true,
    now: () => clock.now(),
    wait: (ms) => {
      clock.advance(ms);
      return Promise.resolve();
    },
  };
}

/**
 * The time of one case. TTLs are counted in units, so that one setting stretches
 * all waiting for a slow backend. Between a call and its answer time passes, so
 * the end of a TTL is known only as a {@link Lease}: judgements are made outside
 * it, and an answer that comes too late for a judgement is no failure.
 */
export class CaseTime {
  readonly #ticker: Ticker;

  constructor(
    ticker: Ticker,
    /** Length of one TTL unit in milliseconds. */
    readonly unitMs: number,
  ) {
    this.#ticker = ticker;
  }

  /** True with a manual clock: TTLs can be checked to the millisecond. */
  get exact(): boolean {
    return this.#ticker.exact;
  }

  /** A TTL of so many units. */
  units(count: number): WireDuration {
    return durationFromMs(count * this.unitMs);
  }

  /** Makes the call that begins a TTL, and says when that TTL ends. */
  async lease<T>(
    ttl: WireDuration,
    call: (ttl: WireDuration) => Promise<T>,
  ): Promise<Lease & { readonly answer: T }> {
    const begin = this.#ticker.now();
    const answer = await call(ttl);
    const ttlMs = msFromDuration(ttl);
    const latest = this.#ticker.now() + Math.ceil(ttlMs);
    return { begin, earliest: begin + ttlMs, latest, answer };
  }

  /** Waits for so many units. */
  async wait(units: number): Promise<void> {
    await this.#ticker.wait(units * this.unitMs);
  }

  /** Waits until shortly before the end: one millisecond where exact, else about half-way. */
  async shortOf({ begin, earliest }: Lease): Promise<void> {
    await this.#until(this.exact ? earliest - 1 : (begin + earliest) / 2);
  }

  /** Waits until this many milliseconds before the end; where exact, one millisecond before it. */
  async before({ earliest }: Lease, ms: number): Promise<void> {
    await this.#until(earliest - (this.exact ? 1 : ms));
  }

  /**
   * Waits until the end has passed for certain; where exact, to the very end.
   *
   * @param ms - how long after the latest possible end
   */
  async past({ latest }: Lease, ms = this.unitMs / 2): Promise<void> {
    await this.#until(this.exact ? latest : latest + ms);
  }

  /** The entry under this lease must still be there, unless the answer came too late to tell. */
  checkLive(reply: GetReply, value: Uint8Array, lease: Lease): void {
    if (!reply.found) this.assertInTime(lease);
    checkFound(reply, value);
  }

  /** True when the lease may have ended by now. */
  mayHaveEnded({ earliest }: Lease): boolean {
    return this.#ticker.now() >= earliest;
  }

  /** @throws TooSlowToTell when the lease may have ended by now */
  assertInTime(lease: Lease): void {
    if (this.mayHaveEnded(lease)) {
      throw new TooSlowToTell(
        `replies before TTLs of ${this.unitMs} ms and small multiples of it end`,
      );
    }
  }

  async #until(reading: number): Promise<void> {
    const left = reading - this.#ticker.now();
    if (left > 0) await this.#ticker.wait(left);
  }
}
