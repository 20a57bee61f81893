/** What a run leaves in a backend that others use: nothing of its own, and all of theirs. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { CallFailed, type CacheUnderTest } from "../../src/conformance/cache-under-test.js";
import {
  commandSubject,
  inProcessSubject,
  runConformance,
  type ConformanceReport,
} from "../../src/conformance/index.js";
import { KeySpace } from "../../src/conformance/key-space.js";
import type { CacheProvider } from "../../src/contract/cache-provider.js";
import type { Clock } from "../../src/contract/clock.js";
import { tempDirectory } from "../support/temp-directory.js";
import { failuresOf } from "./failures.js";
import { createTinyProvider } from "./tiny-provider.js";

const INDEPENDENT = pathToFileURL(join(import.meta.dirname, "independent-provider.mjs")).href;

interface SharedRun {
  readonly report: ConformanceReport;
  /** How many entries the run has left. */
  readonly left: number;
}

/**
 * Runs cases against the independent provider with these statements about its `parts`. All its
 * processes keep their entries in one directory.
 */
async function runOverDirectory(statements: string, only: readonly string[]): Promise<SharedRun> {
  const directory = tempDirectory();
  const source = `
    import { createHash } from "node:crypto";
    import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
    import { createParts, liveUnderHost } from ${JSON.stringify(INDEPENDENT)};
    const parts = createParts();
    const fileOf = (key) =>
      ${JSON.stringify(`${directory}/`)} + createHash("sha256").update(key).digest("hex");
    Object.assign(parts.entries, {
      get: (key) =>
        existsSync(fileOf(key)) ? { value: readFileSync(fileOf(key)), end: Infinity } : undefined,
      set: (key, { value }) => writeFileSync(fileOf(key), value),
      delete: (key) => existsSync(fileOf(key)) && (rmSync(fileOf(key)), true),
    });
    ${statements}
    await liveUnderHost({ parts });
  `;
  const args = ["--input-type=module", "--eval", source];
  const subject = commandSubject({ command: process.execPath, args });
  const report = await runConformance(subject, { only });
  return { report, left: readdirSync(directory).length };
}

const WRITTEN = /^Set\(.* -> OK$/;

/** The cases that failed after they had written. */
function failedWriters({ results }: ConformanceReport): readonly string[] {
  return results.flatMap((result) =>
    result.outcome === "failed" && result.sent.some((line) => WRITTEN.test(line))
      ? [result.case.id]
      : [],
  );
}

test("a run of cases that start their own processes leaves nothing", async () => {
  const { report, left } = await runOverDirectory("", ["process/survives-disconnect"]);
  expect(failuresOf(report)).toEqual([]);
  expect(report.passed).toBe(1);
  expect(left).toBe(0);
}, 30_000);

test("a run whose last case makes the provider exit leaves nothing", async () => {
  for (const id of ["touch/live-is-true", "keys/empty"]) {
    const crash = "parts.cache.Touch = () => process.exit(3);";
    const { report, left } = await runOverDirectory(crash, [id]);
    expect(failedWriters(report)).toEqual([id]);
    expect(left).toBe(0);
  }
}, 30_000);

test("cases that fail leave nothing under keys that they derive", async () => {
  const only = [
    "delete/leaves-other-keys",
    "keys/not-normalised",
    "keys/nul-does-not-cut",
    "keys/very-long",
    "set/leaves-other-keys",
  ];
  const wrong = `parts.cache.Get = () => ({ found: true, value: Buffer.from("wrong") });`;
  const { report, left } = await runOverDirectory(wrong, only);
  expect(failedWriters(report).toSorted()).toEqual(only);
  expect(left).toBe(0);
}, 30_000);

/** Creates providers over one backend, in which somebody else has an entry. */
function overSharedBackend(change: Partial<CacheProvider> = {}) {
  const backend = new Map<string, Uint8Array>([["clock", Buffer.from("theirs")]]);
  const written = new Set<string>();
  const createProvider = (clock: Clock): CacheProvider =>
    Object.assign(createTinyProvider(clock), {
      get: (key: string) => {
        clock.now();
        return backend.get(key);
      },
      set: (key: string, value: Uint8Array) => {
        written.add(key);
        backend.set(key, Buffer.from(value));
      },
      delete: (key: string) => backend.delete(key),
      ...change,
    });
  return { backend, written, createProvider };
}

const WITHOUT_TTL = [
  "delete/leaves-other-keys",
  "get/reads-again",
  "keys/half-surrogates",
  "set/leaves-other-keys",
];

test.each(["real", "manual"] as const)(
  "a run in process writes keys of its own: %s",
  async (clock) => {
    const { backend, written, createProvider } = overSharedBackend();
    const subject = inProcessSubject(createProvider, { clock });
    const report = await runConformance(subject, { only: WITHOUT_TTL });
    expect(failuresOf(report)).toEqual([]);
    expect(written.size).toBeGreaterThan(WITHOUT_TTL.length);
    expect([...written].filter((key) => !key.startsWith("conformance-"))).toEqual([]);
    expect(String(backend.get("clock"))).toBe("theirs");
  },
);

test("a run in process with a real clock leaves nothing, also when cases fail", async () => {
  for (const change of [{}, { get: () => Buffer.from("wrong") }]) {
    const { backend, written, createProvider } = overSharedBackend(change);
    const subject = inProcessSubject(createProvider, { clock: "real" });
    await runConformance(subject, { only: WITHOUT_TTL });
    expect(written.size).toBeGreaterThan(WITHOUT_TTL.length);
    expect([...backend.keys()]).toEqual(["clock"]);
  }
});

test("a key that the provider refuses to remove does not keep the others", async () => {
  const removed: string[] = [];
  const remove = (keys: readonly string[]): Promise<number> =>
    keys.includes("refused")
      ? Promise.reject(new CallFailed("INVALID_ARGUMENT", "no"))
      : Promise.resolve(removed.push(...keys));
  const cache: Pick<CacheUnderTest, "delete" | "deleteMany"> = {
    delete: (key) => remove([key]).then(() => true),
    deleteMany: remove,
  };
  const keys = new KeySpace();
  const issued = Array.from({ length: 700 }, () => keys.next());
  keys.add("refused");
  await keys.removeAll(cache as CacheUnderTest);
  expect(removed).toEqual(issued);
});
