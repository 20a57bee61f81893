/**
 * Calls `visit` for every item, so many at once, in order of beginning. Rejects
 * with the first error, when those that had begun are done.
 */
export async function forEachAtOnce<T>(
  atOnce: number,
  items: readonly T[],
  visit: (item: T) => Promise<void>,
): Promise<void> {
  const left = items.values();
  const work = async (): Promise<void> => {
    for (const item of left) await visit(item);
  };
  const workers = Array.from({ length: Math.min(atOnce, items.length) }, work);
  const outcomes = await Promise.allSettled(workers);
  const failed = outcomes.find((outcome) => outcome.status === "rejected");
  if (failed) throw failed.reason;
}
