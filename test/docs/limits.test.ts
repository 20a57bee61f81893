import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  MAX_BATCH_ENTRIES,
  MAX_GET_MANY_KEYS,
  MAX_JSON_BATCH_ENTRIES,
  MAX_JSON_VALUES,
} from "../../src/rpc/batch-limits.js";
import { DEFAULT_SERVER_LIMITS } from "../../src/server/limits/server-limits.js";
import { repositoryRoot } from "../support/provider-process.js";

const page = readFileSync(join(repositoryRoot, "docs/operations.md"), "utf8");
const section = page.slice(page.indexOf("## Limits"));

const UNITS = [
  ["Bytes", " MiB", 2 ** 20],
  ["Bytes", " KiB", 2 ** 10],
  ["Ms", " h", 3_600_000],
  ["Ms", " s", 1_000],
  ["Ms", " ms", 1],
] as const;

/** A limit as the page writes it: in the largest unit of which it is a whole number. */
function limitText(name: string, value: number): string {
  const found = UNITS.find(([suffix, , size]) => name.includes(suffix) && value % size === 0);
  return found === undefined ? numberText(value) : `${numberText(value / found[2])}${found[1]}`;
}

const numberText = (value: number): string => value.toLocaleString("en");

test("docs/operations.md lists every limit of a server", () => {
  const rows = Array.from(section.matchAll(/^\| `(\w+)` +\| ([^|]+?) +\|/gm), (row) =>
    row.slice(1),
  );
  const limits = Object.entries(DEFAULT_SERVER_LIMITS) as [string, number][];
  expect(rows).toEqual(limits.map(([name, value]) => [name, limitText(name, value)]));
});

test("docs/operations.md lists the limits of batches", () => {
  expect(section).toContain(`a GetMany by ${numberText(MAX_GET_MANY_KEYS)} keys`);
  expect(section).toContain(`by ${numberText(MAX_BATCH_ENTRIES)}\nentries`);
  expect(section).toContain(`in JSON every batch by ${numberText(MAX_JSON_BATCH_ENTRIES)} entries`);
  expect(section).toContain(`a request by ${numberText(MAX_JSON_VALUES)} values`);
});
