import { execFile } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { assertMemoryHolds } from "../../../src/memory/config/memory-bound.js";
import { repositoryRoot } from "../../support/provider-process.js";

const MIB = 2 ** 20;
const config = { maxBytes: 64 * MIB, maxEntryBytes: 1000 };
const unlimited = { heapBytes: Infinity, containerBytes: Infinity, machineBytes: Infinity };

test("assertMemoryHolds accepts a bound that fits into heap, container and machine", () => {
  const bytes = 128 * MIB;
  assertMemoryHolds(config, 1, { heapBytes: bytes, containerBytes: bytes, machineBytes: bytes });
});

test("a bound above the heap limit fails with the limit and the ways out", () => {
  const refused = (): void => assertMemoryHolds(config, 1, { ...unlimited, heapBytes: 127 * MIB });
  expect(refused).toThrow(
    "/maxBytes: 64 MiB does not fit into the JavaScript heap, which is limited to 127 MiB, of which the process itself needs " +
      "64 MiB: use at most 63MiB, or use store: blocks, which keeps entries " +
      "outside the heap, or raise the heap limit with NODE_OPTIONS=--max-old-space-size=128",
  );
});

test("the bounds of all caches of a process add up", () => {
  const limits = { ...unlimited, heapBytes: 255 * MIB };
  assertMemoryHolds(config, 2, limits);
  expect(() => assertMemoryHolds(config, 3, limits)).toThrow(
    /3 x 64 MiB does not fit .*use at most 63MiB/,
  );
});

test("the message names no smaller bound when no bound fits", () => {
  const limits = { ...unlimited, containerBytes: 60 * MIB };
  expect(() => assertMemoryHolds(config, 1, limits)).toThrow(
    "of which the process itself needs 64 MiB: raise the memory limit of the container",
  );
});

test("the heap limit does not apply to the blocks store", () => {
  assertMemoryHolds({ ...config, store: "blocks" }, 1, { ...unlimited, heapBytes: 50 * MIB });
});

test.each(["lru", "blocks"] as const)(
  "a bound above the memory of the container or the machine fails for the %s store",
  (store) => {
    const limits = { ...unlimited, containerBytes: 100 * MIB };
    expect(() => assertMemoryHolds({ ...config, store }, 1, limits)).toThrow(
      /does not fit into the container's memory, which is limited to 100 MiB/,
    );
    const small = { ...unlimited, machineBytes: 100 * MIB };
    expect(() => assertMemoryHolds({ ...config, store }, 1, small)).toThrow(
      /does not fit into the machine's memory, which is limited to 100 MiB/,
    );
  },
);

test("serve fails with one line for a bound above its heap, before it listens", async () => {
  const main = join(repositoryRoot, "dist/cli/main.js");
  const args = ["--max-old-space-size=128", main, "serve", "--max-bytes", "200MiB"];
  const { code, stderr } = await new Promise<{ code: unknown; stderr: string }>((resolve) => {
    execFile(process.execPath, args, { timeout: 10_000 }, (error, _stdout, text) => {
      resolve({ code: error?.code, stderr: text });
    });
  });
  expect(stderr).toMatch(
    /^gestalt-cache-memory: .*200 MiB does not fit into the JavaScript heap.*\n$/,
  );
  expect(code).toBe(2);
});
