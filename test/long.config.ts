import { defineConfig } from "vitest/config";
import { LONG, SAMPLED, FULL_SIZE } from "./vitest.config.js";

/** The tests that take tens of seconds each, and those of which `npm test` takes a sample. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: [LONG, SAMPLED],
    env: FULL_SIZE,
    testTimeout: 15_000,
    hookTimeout: 15_000,
    pool: "forks",
    maxWorkers: 2,
  },
});
