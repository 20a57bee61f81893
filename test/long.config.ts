import { defineConfig } from "vitest/config";
import { LONG } from "./vitest.config.js";

/** The tests that take tens of seconds each, and nothing else. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: [LONG],
    testTimeout: 15_000,
    hookTimeout: 15_000,
    pool: "forks",
    maxWorkers: 2,
  },
});
