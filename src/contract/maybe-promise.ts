import { setImmediate } from "node:timers";

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
 * Applies `convert` to a value, at once or when it is there. Takes any thenable, as
 * `await` does, and never calls one twice: some run a query each time.
 */
export function mapMaybe<T, R>(value: MaybePromise<T>, convert: (value: T) => R): MaybePromise<R> {
  return isPromise(value) ? Promise.resolve(value).then(convert) : convert(value);
}

/** Calls `operate`, and hands what it throws or rejects with to `explain`, which throws. */
export function catchMaybe<T>(
  operate: () => MaybePromise<T>,
  explain: (thrown: unknown) => never,
): MaybePromise<T> {
  try {
    const value = operate();
    return isPromise(value) ? Promise.resolve(value).catch(explain) : value;
  } catch (thrown) {
    return explain(thrown);
  }
}

/** How many items are visited before others are let run. */
const ITEMS_PER_TURN = 1000;

/**
 * Calls `visit` for one item after another, each only when the one before is
 * done. Stays synchronous for as long as `visit` does, but for long lists,
 * which let others run after every thousand items.
 */
export function forEachInOrder<T>(
  items: readonly T[],
  visit: (item: T, index: number) => MaybePromise<void>,
): MaybePromise<void> {
  const end = Math.min(items.length, ITEMS_PER_TURN);
  for (let index = 0; index < end; index++) {
    const pending = visit(items[index] as T, index);
    if (isPromise(pending)) return continueInOrder(items, visit, pending, index + 1);
  }
  if (end < items.length) return continueInOrder(items, visit, nextTurn(), end);
}

async function continueInOrder<T>(
  items: readonly T[],
  visit: (item: T, index: number) => MaybePromise<void>,
  pending: Promise<void>,
  next: number,
): Promise<void> {
  await pending;
  for (let index = next; index < items.length; index++) {
    if (index % ITEMS_PER_TURN === 0) await nextTurn();
    const visited = visit(items[index] as T, index);
    if (isPromise(visited)) await visited;
  }
}

/** Settled when everything else that is due has had its turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
