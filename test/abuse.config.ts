import { defineConfig } from "vitest/config";
import config from "./vitest.config.js";

/** The attacks on real processes at full size, the long ones as well, and nothing else. */
export default defineConfig({
  test: {
    ...config.test,
    include: ["abuse/**/*.test.ts"],
    exclude: ["**/node_modules/**"],
    env: { GESTALT_CACHE_MEMORY_ABUSE: "full" },
  },
});
