/**
 * Bundles the command into dist/cli, so that starting it reads few files. `npm run build` runs it
 * after the compiler.
 */
import { copyFileSync, renameSync, writeFileSync } from "node:fs";
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

// What the host starts, by itself: chunks that it shared with the commands, or with the code for
// servers behind the memory, would be more files.
await build({
  ...common,
  entryPoints: ["src/cli/provider-process.ts"],
  external: ["./shared-cache.js"],
});
// The client of those servers is CommonJS, which requires modules of Node; and two packages that
// it does without when they are not installed.
await build({
  ...common,
  splitting: false,
  minify: true,
  entryPoints: ["src/redis/shared-cache.ts"],
  external: ["@node-rs/xxhash", "@opentelemetry/api"],
  banner: {
    js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
  },
});
await build({
  ...common,
  entryPoints: ["src/cli/main.ts", "src/cli/ts-runtime.ts"],
  // commander and yaml are CommonJS; the npm package carries them.
  external: ["./provider-process.js", "./shared-cache.js", "commander", "yaml", "#page"],
});
// Chunks import it from their own directory.
writeFileSync("dist/cli/chunks/shared-cache.js", 'export * from "../shared-cache.js";\n');
// The launcher takes the place of the command that it starts.
renameSync("dist/cli/main.js", "dist/cli/command.js");
copyFileSync("src/cli/launcher.js", "dist/cli/main.js");
