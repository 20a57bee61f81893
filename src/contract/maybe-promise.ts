import { setImmediate } from "node:timers";

/**
 * A value, or a promise of it. A cache in memory returns values, and does not pay for a promise
 * per operation; a cache across a network returns promises.
 */
export type MaybePromise<T> = T | Promise<T>;

/** Returns true for a promise, or any other object with a method `then`. */
export function isPromise<T>(value: MaybePromise<T>): value is Promise<T> {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof (value as { then?: unknown }).then === "function"
  );
}

/**
 * Applies `convert` to a value, or to what a promise settles to. Like `await`, it takes any
 * object with a method `then`, and calls that once: some run a query each time.
 */
export function mapMaybe<T, R>(value: MaybePromise<T>, convert: (value: T) => R): MaybePromise<R> {
  return isPromise(value) ? Promise.resolve(value).then(convert) : convert(value);
}

/** Calls `operate`. If it throws or rejects, `explain` is called with the reason, and throws. */
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

/** The number of items after which other work may run. */
const ITEMS_PER_TURN = 1000;

/**
 * Calls `visit` for each item in order, and waits for each call before the next. It is
 * synchronous as long as `visit` is, except that other work may run after every 1000 items.
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

/** Settles when all other work that is due has run. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
