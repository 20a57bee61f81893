import { defineConfig } from "vitest/config";

/**
 * Tests that hold a duration or an amount of memory against a bound. They run alone,
 * after all others, since what shares the machine with them would be measured as well.
 * A duration is the median of several attempts within the test.
 */
export const MEASURED = "**/*.measured.test.ts";

/** What takes tens of seconds and has a script of its own, test:long. */
export const LONG = "**/*.long.test.ts";

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
