/**
 * How much of something a client may do: so many at once, and so many a second
 * for good. What was allowed and not used is kept, up to the burst.
 */
export class Allowance {
  private left: number;
  private grantedMs: number;

  constructor(
    private readonly burst: number,
    private readonly perSecond: number,
    nowMs: number,
  ) {
    this.left = burst;
    this.grantedMs = nowMs;
  }

  /** Uses up one; false when none was left. */
  use(nowMs: number): boolean {
    this.grant(((nowMs - this.grantedMs) / 1000) * this.perSecond);
    this.grantedMs = nowMs;
    if (this.left < 1) return false;
    this.left--;
    return true;
  }

  /** Allows `count` more, as far as the burst goes. */
  grant(count: number): void {
    this.left = Math.min(this.burst, this.left + count);
  }
}
