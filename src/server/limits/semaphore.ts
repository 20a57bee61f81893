/** Lets a few in at a time; the others wait in line. */
export class Turnstile {
  private inside = 0;
  private readonly line: (() => void)[] = [];

  constructor(private readonly capacity: number) {}

  /** Settles when there is room; {@link leave} must follow, once. */
  async enter(): Promise<void> {
    if (this.inside < this.capacity) {
      this.inside++;
      return;
    }
    // Whoever leaves passes the place on, so the count stays.
    await new Promise<void>((resolve) => this.line.push(resolve));
  }

  /** Makes room for the next in line. */
  leave(): void {
    const next = this.line.shift();
    if (next === undefined) this.inside--;
    else next();
  }
}
