/**
 * Runs a test suite that `npm test` leaves out: `npm run suite -- NAME [arguments of vitest]`.
 * Without a name it lists the suites.
 */
import { spawnSync } from "node:child_process";

const SOAK_SECONDS = "GESTALT_CACHE_MEMORY_SOAK_SECONDS";

const SUITES = {
  long: {
    what: "tests that take tens of seconds each, and what npm test samples, at full size",
    run: () => vitest("long.config.ts"),
  },
  abuse: {
    what: "attacks on a server of every kind, at full size",
    run: () => vitest("abuse.config.ts", "abuse/", "memory-bound"),
  },
  soak: {
    what: `a server under load for ${SOAK_SECONDS} seconds, 120 by default`,
    run: () => {
      process.env[SOAK_SECONDS] ??= "120";
      return vitest("vitest.config.ts", "abuse/soak");
    },
  },
  executable: {
    what: "the tests of the command and the server, on the standalone executable",
    run: () =>
      vitest("executable.config.ts", "cli/", "e2e/", "conformance/", "abuse/", "examples/"),
  },
  node: {
    what: "the tests of npm test on another Node: npm run suite -- node 22",
    run: () => ["node", "test/on-node.mjs"],
  },
};

const [name = "", ...args] = process.argv.slice(2);
if (!Object.hasOwn(SUITES, name)) {
  const problem = name === "" ? "usage: npm run suite -- NAME" : `suite: no suite is named ${name}`;
  const list = Object.entries(SUITES).map(([each, { what }]) => `  ${each.padEnd(12)}${what}`);
  console.error([problem, ...list].join("\n"));
  process.exit(2);
}
run("npm", ["run", "--silent", "build"]);
const [program, ...fixed] = SUITES[name].run();
run(program, [...fixed, ...args]);

function vitest(config, ...filters) {
  return ["vitest", "run", "--config", `test/${config}`, ...filters];
}

function run(program, args) {
  const { status, error } = spawnSync(program, args, { stdio: "inherit" });
  if (error !== undefined) console.error(`suite: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}
