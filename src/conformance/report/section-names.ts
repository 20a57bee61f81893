/** The names of the sections of the contract that cases come from, in its order. */
const SECTION_NAMES: ReadonlyMap<string, string> = new Map([
  ["3", "Keys, values, sizes and errors"],
  ["3.1", "Get"],
  ["3.2", "GetMany"],
  ["3.3", "Set"],
  ["3.4", "SetMany"],
  ["3.5", "Delete and DeleteMany"],
  ["3.6", "Touch"],
  ["3.7", "TTL"],
  ["3.8", "Bounds"],
  ["3.9", "Entries that are too large"],
  ["3.10", "Batches"],
  ["4", "Process and connections"],
  ["6", "Configuration"],
]);

/** Things by the name of their section, in the order of the contract. */
export function groupBySection<T>(
  items: readonly T[],
  sectionOf: (item: T) => string,
): readonly (readonly [name: string, items: readonly T[]])[] {
  return [...SECTION_NAMES]
    .map(([section, name]) => {
      const group = items.filter((item) => sectionOf(item) === section);
      return [name, group] as const;
    })
    .filter(([, group]) => group.length > 0);
}
