import { defineConfig } from "vitest/config";

/**
 * Tests that hold a duration or an amount of memory against a bound. They run alone,
 * after all others, since what shares the machine with them would be measured as well.
 * A duration is the median of several attempts within the test.
 */
export const MEASURED = "**/*.measured.test.ts";

/** What takes tens of seconds and has a suite of its own, `npm run suite -- long`. */
export const LONG = "**/*.long.test.ts";

/** Tests that run a sample here, and at full size in the suite `long`. */
export const SAMPLED = "**/*.sampled.test.ts";

/** The variable with which they run at full size; see support/sample.ts. */
export const FULL_SIZE = { GESTALT_CACHE_MEMORY_TESTS: "full" };

const NOT_OURS = "**/node_modules/**";

export default defineConfig({
  test: {
    root: import.meta.dirname,
    testTimeout: 15_000,
    hookTimeout: 15_000,
    pool: "forks",
    projects: [
      {
        extends: true,
        test: {
          name: "tests",
          include: ["**/*.test.ts"],
          exclude: [NOT_OURS, MEASURED, LONG],
          maxWorkers: 3,
          // No test changes what others see, and starting afresh for each file takes long.
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: "measured",
          include: [MEASURED],
          exclude: [NOT_OURS],
          sequence: { groupOrder: 1 },
          maxWorkers: 1,
        },
      },
    ],
  },
});
