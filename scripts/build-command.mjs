/**
 * Bundles the command into dist/cli, so that starting it reads few files. `npm run build` runs it
 * after the compiler.
 */
import { copyFileSync, renameSync } from "node:fs";
import { build } from "esbuild";

/** @type {import("esbuild").BuildOptions} */
const common = {
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20.19",
  outdir: "dist/cli",
  chunkNames: "chunks/[name]-[hash]",
  logLevel: "warning",
};

// What the host starts, by itself: chunks that it shared with the commands would be more files.
await build({ ...common, entryPoints: ["src/cli/provider-process.ts"] });
await build({
  ...common,
  entryPoints: ["src/cli/main.ts", "src/cli/ts-runtime.ts"],
  // commander and yaml are CommonJS; the npm package carries them.
  external: ["./provider-process.js", "commander", "yaml", "#page"],
});
// The launcher takes the place of the command that it starts.
renameSync("dist/cli/main.js", "dist/cli/command.js");
copyFileSync("src/cli/launcher.js", "dist/cli/main.js");
