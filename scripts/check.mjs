/**
 * Runs the static checks: `npm run check`, or some of them by name:
 * `npm run check -- types lint`. Stops at the first that fails.
 */
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";

/** Each check is a list of command lines without quoting; they run in this order. */
const CHECKS = {
  types: ["tsc -p tsconfig.json --noEmit", "tsc -p src/standalone/ui/page --noEmit"],
  lint: ["eslint --config .eslint.config.js --max-warnings 0 .", "buf lint"],
  format: ["prettier --check --log-level warn ."],
  generated: [
    "buf generate -o .generated",
    "diff -r .generated/src/rpc/gen src/rpc/gen",
    "typedoc --out .generated/api --logLevel Warn",
    "prettier --write --log-level silent --ignore-path /dev/null .generated/api",
    "diff -r .generated/api docs/api",
  ],
  unused: ["knip"],
  package: ["npm run --silent build", "publint --strict", "attw --pack . --profile esm-only"],
};

const names = process.argv.slice(2);
const unknown = names.filter((name) => !(name in CHECKS));
if (unknown.length > 0) {
  console.error(`check: no check is named ${unknown.join(", ")}; there are ${listed()}`);
  process.exit(2);
}
for (const name of names.length > 0 ? names : Object.keys(CHECKS)) {
  const begunMs = performance.now();
  const failed = CHECKS[name].find((line) => !succeeds(line));
  if (name === "generated") rmSync(".generated", { recursive: true, force: true });
  if (failed !== undefined) {
    const advice = name === "generated" ? "; `npm run generate` writes the generated files" : "";
    console.error(`check: ${name} failed: ${failed}${advice}`);
    process.exit(1);
  }
  console.log(`check: ${name} passed in ${Math.round((performance.now() - begunMs) / 1000)} s`);
}

/** npm has put node_modules/.bin on the PATH. */
function succeeds(line) {
  const [program, ...args] = line.split(" ");
  const { status, error } = spawnSync(program, args, { stdio: "inherit" });
  if (error !== undefined) console.error(`check: ${error.message}`);
  return status === 0;
}

function listed() {
  return Object.keys(CHECKS).join(", ");
}
