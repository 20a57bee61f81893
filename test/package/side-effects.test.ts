import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";

const run = promisify(execFile);
const dist = (path: string): string => join(import.meta.dirname, "../../dist", path);

const ENTRIES = [
  "index.js",
  "sdk.js",
  "client/index.js",
  "conformance/index.js",
  "testing.js",
  "build.js",
];

/** The global state that a module can change. */
const SNAPSHOT = `
  import { getTextEncoding } from "@bufbuild/protobuf/wire";
  // Both set their own global when they are first used.
  const encoding = getTextEncoding();
  new Headers();
  const snapshot = () => ({
    listeners: process.eventNames().map((name) => [String(name), process.listenerCount(name)]),
    globals: Reflect.ownKeys(globalThis).map(String).sort(),
    timers: process.getActiveResourcesInfo().filter((name) => /Timeout|Immediate/.test(name)),
    environment: JSON.stringify(process.env),
    directory: process.cwd(),
    stackTraceLimit: Error.stackTraceLimit,
  });
`;

/** Runs a module in a separate process, which prints its result as JSON. */
async function evaluate(source: string): Promise<unknown> {
  const { stdout } = await run(process.execPath, ["--input-type=module", "-e", source], {
    cwd: join(import.meta.dirname, "../.."),
  });
  return JSON.parse(stdout);
}

describe("importing", () => {
  test.each(ENTRIES)("%s changes no global state", async (entry) => {
    const changes = await evaluate(`
      ${SNAPSHOT}
      const before = snapshot();
      await import(${JSON.stringify(dist(entry))});
      console.log(JSON.stringify([before, snapshot()]));
    `);
    const [before, after] = changes as [unknown, unknown];
    expect(after).toEqual(before);
  });
});

test("startEphemeralCache changes no global state", async () => {
  const [before, after, decoded] = (await evaluate(`
    ${SNAPSHOT}
    import { startEphemeralCache } from ${JSON.stringify(dist("testing.js"))};
    import { Cache } from ${JSON.stringify(dist("client/index.js"))};
    const before = snapshot();
    const caches = await startEphemeralCache();
    const cache = new Cache("", { environment: caches.env });
    await cache.set("\\uFEFFa", Uint8Array.of(1));
    const isDecoderKept = getTextEncoding() === encoding;
    const found = Object.keys(await cache.getMany(["a", "\\uFEFFa"]));
    await cache.close();
    await caches.close();
    console.log(JSON.stringify([before, snapshot(), { isDecoderKept, found }]));
  `)) as [unknown, unknown, unknown];
  expect(after).toEqual(before);
  expect(decoded).toEqual({ isDecoderKept: true, found: ["\uFEFFa"] });
});

test("the conformance kit has an exit listener only while it runs a command", async () => {
  const provider = join(import.meta.dirname, "../conformance/tiny-provider.mjs");
  const counts = await evaluate(`
    import { commandSubject, runConformance } from ${JSON.stringify(dist("conformance/index.js"))};
    const count = () => process.listenerCount("exit");
    const counts = [count()];
    const subject = commandSubject({ command: process.execPath, args: [${JSON.stringify(provider)}] });
    await runConformance(subject, {
      only: ["get/missing-is-an-answer"],
      onProgress: () => void counts.push(count()),
    });
    counts.push(count());
    const [before, during, after] = [counts[0], Math.max(...counts), counts.at(-1)];
    console.log(JSON.stringify([during - before, after - before]));
  `);
  expect(counts).toEqual([1, 0]);
});
