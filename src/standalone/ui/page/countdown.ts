import { formatDuration } from "./format.js";

/** Elements that show a time to live and count it down. */
export class Countdown {
  readonly #shown = new Map<Element, { readonly ttlMs: number; readonly sinceMs: number }>();
  /** A time to live does not change while the clock of the cache is frozen. */
  isFrozen = false;

  /** Shows a time to live; undefined: the entry never expires. */
  add(element: Element, ttlMs: number | undefined): void {
    if (ttlMs === undefined) element.textContent = "never expires";
    else this.#shown.set(element, { ttlMs, sinceMs: performance.now() });
    this.#show(element);
  }

  /** Shows the time that is left now. Elements that have left the page are forgotten. */
  tick(): void {
    if (this.isFrozen) return;
    for (const element of this.#shown.keys()) {
      if (element.isConnected) this.#show(element);
      else this.#shown.delete(element);
    }
  }

  #show(element: Element): void {
    const shown = this.#shown.get(element);
    if (shown === undefined) return;
    const passedMs = this.isFrozen ? 0 : performance.now() - shown.sinceMs;
    const leftMs = shown.ttlMs - passedMs;
    element.textContent = leftMs <= 0 ? "expired" : formatDuration(leftMs);
  }
}
