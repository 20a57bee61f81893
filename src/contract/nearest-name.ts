/**
 * The known name with the smallest edit distance, for "did you mean". Case does not matter.
 *
 * @returns undefined when every known name needs more than three edits, or edits of at least half
 *   of its characters
 */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  let nearest: string | undefined;
  let fewest = 4;
  for (const candidate of known) {
    const edits = editDistance(name.toLowerCase().slice(0, 64), candidate.toLowerCase());
    if (edits < fewest && edits < candidate.length / 2) {
      fewest = edits;
      nearest = candidate;
    }
  }
  return nearest;
}

/** The Levenshtein distance: the number of characters to insert, delete or replace. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
