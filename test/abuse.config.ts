import { mergeConfig } from "vitest/config";
import config from "./vitest.config.js";

/** The attacks on real processes at full size, each of them alone. */
export default mergeConfig(config, {
  test: { env: { GESTALT_CACHE_MEMORY_ABUSE: "full" } },
});
