/**
 * A value, or a promise of it. A cache in memory has its answers at hand and
 * should not pay for a promise an operation; a cache across a network has not.
 */
export type MaybePromise<T> = T | Promise<T>;

/** True when the value is still to come. */
export function isPromise<T>(value: MaybePromise<T>): value is Promise<T> {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof (value as { then?: unknown }).then === "function"
  );
}

/**
 * Calls `visit` for one item after another, each only when the one before is
 * done. Stays synchronous for as long as `visit` does.
 */
export function forEachInOrder<T>(
  items: readonly T[],
  visit: (item: T, index: number) => MaybePromise<void>,
): MaybePromise<void> {
  for (let index = 0; index < items.length; index++) {
    const pending = visit(items[index] as T, index);
    if (isPromise(pending)) return continueInOrder(items, visit, pending, index + 1);
  }
}

async function continueInOrder<T>(
  items: readonly T[],
  visit: (item: T, index: number) => MaybePromise<void>,
  pending: Promise<void>,
  next: number,
): Promise<void> {
  await pending;
  for (let index = next; index < items.length; index++) await visit(items[index] as T, index);
}
