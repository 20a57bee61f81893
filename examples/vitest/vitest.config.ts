import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { setupFiles: ["./start-caches.ts"] },
});
