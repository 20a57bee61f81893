/**
 * Compiles bench/ and runs one of its programs: `node bench/run.mjs [NAME] [options]`.
 * NAME is `memory`, `expiry` or the name of a file; without it the program is bench.ts, whose
 * `--help` lists the programs.
 *
 * The oldest supported Node cannot run TypeScript, so the programs are compiled
 * into a cache directory. Beside them a link named `src` leads to dist/: what is
 * measured is the package as built, though the sources import it from src/ and
 * are type-checked against it. Links to proto/ and docs/ keep relative paths true.
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import ts from "typescript";

const root = dirname(import.meta.dirname);
const cache = join(root, "node_modules", ".cache", "gestalt-cache-bench");
const SHORT_NAMES = { memory: "bench-memory", expiry: "bench-expiry" };
const [first = "", ...others] = process.argv.slice(2);
const hasName = first !== "" && !first.startsWith("-");
const name = hasName ? (SHORT_NAMES[first] ?? first) : "bench";
const args = hasName ? others : process.argv.slice(2);

if (!existsSync(join(root, "dist", "server"))) {
  console.error("bench: dist/ does not exist; run `npm run build` first");
  process.exit(2);
}
compile();
const program = join(cache, "bench", `${name}.js`);
if (!existsSync(program)) {
  console.error(`bench: no program named ${name}`);
  process.exit(2);
}
process.argv = [process.argv[0], program, ...args];
try {
  await import(pathToFileURL(program).href);
} catch (error) {
  const isUsage = error.name === "UsageError" || error.code?.startsWith("ERR_PARSE_ARGS");
  console.error(isUsage ? `bench: ${error.message}` : error);
  process.exit(isUsage ? 2 : 1);
}

function compile() {
  mkdirSync(cache, { recursive: true });
  // The nearest package.json decides that the compiled files are ES modules.
  writeFileSync(join(cache, "package.json"), '{ "type": "module" }\n');
  link("dist", "src");
  link("proto", "proto");
  link("docs", "docs");
  for (const file of readdirSync(import.meta.dirname, { recursive: true })) {
    if (!file.endsWith(".ts")) continue;
    const { outputText } = ts.transpileModule(readFileSync(join(root, "bench", file), "utf8"), {
      compilerOptions: {
        target: ts.ScriptTarget.ES2023,
        module: ts.ModuleKind.ESNext,
        verbatimModuleSyntax: true,
      },
    });
    writeIfChanged(join(cache, "bench", file.replace(/\.ts$/, ".js")), outputText);
  }
}

function link(target, as) {
  const path = join(cache, as);
  rmSync(path, { force: true });
  symlinkSync(join(root, target), path, "junction");
}

/** Other runs may be starting processes from these files. */
function writeIfChanged(path, text) {
  if (existsSync(path) && readFileSync(path, "utf8") === text) return;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
