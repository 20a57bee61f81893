import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ["**/*.test.ts"],
    // What takes tens of seconds has a script of its own, test:long.
    exclude: ["**/node_modules/**", "**/*.long.test.ts"],
    testTimeout: 15_000,
    hookTimeout: 15_000,
    pool: "forks",
    maxWorkers: 2,
  },
});
