import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

export default defineConfig(
  { ignores: ["dist/", "src/rpc/gen/", "node_modules/", ".generated/", "**/.gestaltd/"] },
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true },
    },
    rules: {
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true },
      ],
      "@typescript-eslint/no-confusing-void-expression": [
        "error",
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/consistent-type-imports": "error",
    },
  },
  {
    // Its own tsconfig.json finds this package only where the example is installed.
    files: ["examples/provider/**/*.ts"],
    languageOptions: { parserOptions: { projectService: false, project: "./tsconfig.json" } },
  },
  {
    files: ["src/**/*.ts"],
    // A process under a host runs no tests; the tests of this file move its timer.
    // The page runs in a browser.
    ignores: ["src/host/parent-watch.ts", "src/standalone/ui/page/**"],
    rules: {
      // Test frameworks replace these globals, and what waits for one of them never ends.
      "no-restricted-globals": [
        "error",
        ...["setTimeout", "setInterval", "setImmediate"].flatMap((set) =>
          [set, set.replace("set", "clear")].map((name) => ({
            name,
            message: "Import it from node:timers.",
          })),
        ),
        { name: "performance", message: "Import it from node:perf_hooks." },
        { name: "queueMicrotask", message: "Use a promise." },
      ],
    },
  },
);
