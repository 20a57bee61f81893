import { fillSelect } from "./dom.js";

/** The units of a time that is typed in, in milliseconds. */
const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Gives every select with `data-units` the units; the attribute says which one is chosen. */
export function fillUnits(): void {
  for (const select of document.querySelectorAll<HTMLSelectElement>("select[data-units]")) {
    fillSelect(select, Object.keys(UNIT_MS));
    select.value = select.dataset["units"] ?? "s";
  }
}

/** The time that is typed in, in milliseconds; undefined when the field is empty. */
export function readMs(amount: HTMLInputElement, unit: HTMLSelectElement): number | undefined {
  if (amount.value.trim() === "") return undefined;
  return Math.ceil(amount.valueAsNumber * (UNIT_MS[unit.value] ?? 1));
}
