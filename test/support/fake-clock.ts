import type { Clock } from "../../src/contract/clock.js";

/** A clock that stands still until it is told to go on. */
export class FakeClock implements Clock {
  constructor(public nowMs = 0) {}

  now(): number {
    return this.nowMs;
  }

  advance(ms: number): void {
    this.nowMs += ms;
  }
}
