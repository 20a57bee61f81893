/**
 * Bundles the command into dist/cli: one file that is read at every start, and one chunk
 * for what each subcommand needs besides. `npm run build` runs it after the compiler.
 */
import { copyFileSync, renameSync } from "node:fs";
import { build } from "esbuild";

await build({
  entryPoints: ["src/cli/main.ts", "src/cli/ts-runtime.ts"],
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20.19",
  outdir: "dist/cli",
  chunkNames: "chunks/[name]-[hash]",
  // CommonJS packages; the npm package carries them.
  external: ["commander", "yaml"],
  logLevel: "warning",
});

// What npm links as the command is a shell script that starts the bundle.
renameSync("dist/cli/main.js", "dist/cli/command.js");
copyFileSync("src/cli/launcher.js", "dist/cli/main.js");
