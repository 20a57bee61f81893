import { defineConfig } from "vitest/config";
import config from "./vitest.config.js";

/** The tests that take tens of seconds each, and nothing else. */
export default defineConfig({
  test: { ...config.test, include: ["**/*.long.test.ts"], exclude: ["**/node_modules/**"] },
});
