/**
 * Writes every generated file of the repository: `npm run generate`, or some by name:
 * `npm run generate -- api pages`. CONTRIBUTING.md lists what is generated from what.
 */
import { spawnSync } from "node:child_process";

/** Each generator is a list of command lines without quoting. */
const GENERATORS = {
  /** src/rpc/gen, from proto/. */
  proto: ["buf generate"],
  /** docs/api, from the docstrings of what package.json exports. */
  api: [
    "typedoc --out docs/api --logLevel Warn",
    "prettier --write --log-level silent --ignore-path /dev/null docs/api",
  ],
  /** docs/configuration.md and docs/conformance.md, by the tests that compare them. */
  pages: [
    "vitest run --config test/vitest.config.ts conformance/catalogue docs/config-reference --update",
  ],
};

/** Only by name: docs/stats-watch.svg and docs/images/page.png differ each time. */
const NAMED = {
  picture: ["npm run --silent build", "node scripts/draw-stats-watch.mjs"],
  page: ["npm run --silent build", "node scripts/draw-page.mjs"],
};

const ALL = { ...GENERATORS, ...NAMED };
const names = process.argv.slice(2);
const unknown = names.filter((name) => !(name in ALL));
if (unknown.length > 0) {
  const known = Object.keys(ALL).join(", ");
  console.error(`generate: no generator is named ${unknown.join(", ")}; there are ${known}`);
  process.exit(2);
}
for (const name of names.length > 0 ? names : Object.keys(GENERATORS)) {
  for (const line of ALL[name]) {
    const [program, ...args] = line.split(" ");
    const { status, error } = spawnSync(program, args, { stdio: "inherit" });
    if (error !== undefined) console.error(`generate: ${error.message}`);
    if (status !== 0) process.exit(1);
  }
}
