/**
 * Makes the page of `--ui`: one HTML file with its script and style inside, as a module, so
 * that it is part of every build of the command. Started with node or bun, in the package's
 * directory.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const SOURCES = "src/standalone/ui/page";
const OUTPUT = "dist/ui";

/** The one output of an entry point, with everything that it imports. */
async function bundle(entryPoint, options) {
  const { outputFiles } = await build({
    ...options,
    entryPoints: [`${SOURCES}/${entryPoint}`],
    bundle: true,
    minify: true,
    charset: "utf8",
    legalComments: "inline",
    target: "es2022",
    tsconfig: `${SOURCES}/tsconfig.json`,
    write: false,
    logLevel: "warning",
  });
  return outputFiles[0].text.trim();
}

/** As a Content-Security-Policy names it. */
function hash(text) {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}

/** What the licences of the bundled packages ask for; their own comments are not kept. */
const NOTICE = `/*!
Contains uPlot, under its licence:
${readFileSync("node_modules/uplot/LICENSE", "utf8").trim()}

Contains Connect and Protobuf-ES, under the licence Apache-2.0:
https://github.com/connectrpc/connect-es and https://github.com/bufbuild/protobuf-es
*/`;

const script = await bundle("main.ts", {
  format: "iife",
  platform: "browser",
  banner: { js: NOTICE },
});
const style = await bundle("page.css", {});
const document = readFileSync(`${SOURCES}/page.html`, "utf8")
  .replace("<style></style>", () => `<style>${style}</style>`)
  .replace("<script></script>", () => `<script>${script}</script>`);
const exported = { document, scriptHash: hash(script), styleHash: hash(style) };

mkdirSync(OUTPUT, { recursive: true });
// In one step: another process may be reading it.
const unfinished = `${OUTPUT}/page-${process.pid}.js`;
writeFileSync(
  unfinished,
  Object.entries(exported)
    .map(([name, text]) => `export const ${name} = ${JSON.stringify(text)};\n`)
    .join(""),
);
renameSync(unfinished, `${OUTPUT}/page.js`);
