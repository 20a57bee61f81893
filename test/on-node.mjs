// Runs the tests on another Node: `npm run suite -- node 22 [vitest's arguments]`. npm
// fetches it as a package; nothing is installed.
import { spawnSync } from "node:child_process";

const [version, ...args] = process.argv.slice(2);
if (version === undefined || !/^[\d.]+$/.test(version)) {
  console.error("usage: npm run suite -- node VERSION [arguments of vitest], such as 22 or 24.1.0");
  process.exit(2);
}
const vitest = [
  "node",
  "node_modules/vitest/vitest.mjs",
  "run",
  "--config",
  "test/vitest.config.ts",
];
const { status } = spawnSync(
  "npx",
  ["--yes", "--package", `node@${version}`, "--", ...vitest, ...args],
  { stdio: "inherit" },
);
process.exit(status ?? 1);
