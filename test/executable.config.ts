import { defineConfig, mergeConfig } from "vitest/config";
import config, { FULL_SIZE } from "./vitest.config.js";

/** The tests of real processes, against the standalone executable instead of Node. */
export default mergeConfig(
  config,
  defineConfig({ test: { globalSetup: ["support/use-executable.ts"], env: FULL_SIZE } }),
);
