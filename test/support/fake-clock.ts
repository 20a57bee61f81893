import type { Clock } from "../../src/contract/clock.js";

/** A clock that moves only when a test advances it. */
export class FakeClock implements Clock {
  constructor(public nowMs = 0) {}

  now(): number {
    return this.nowMs;
  }

  advance(ms: number): void {
    this.nowMs += ms;
  }
}
