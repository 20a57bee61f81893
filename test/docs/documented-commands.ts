import { walkThroughPages } from "./fenced-blocks.js";

/** Pages whose blocks a long test runs in order, test/interop/walk-throughs.long.test.ts. */
export const COVERED_PAGES: readonly string[] = walkThroughPages();

/**
 * A command of the pages that is not run as it stands there, and why that is no
 * gap: a test runs the same, or nobody can run it here.
 */
export type CoveredCommand = {
  /** The line, without its comment. */
  readonly line: string;
} & (
  | {
      /** The file that runs it, and a piece of that file that shows it. */
      readonly by: readonly [file: string, piece: string];
    }
  | { readonly notRun: string }
);

const OTHER_PLATFORMS = "fetches the runtimes of other platforms, hundreds of megabytes";

const CI = ".ci/run";
const BUILD_TEST = "test/release/ts-build.sampled.test.ts";
const RELEASE_TEST = "test/release/release-command.sampled.test.ts";
const PACKAGE_TEST = "test/package/installed-package.ts";
const HOST_TEST = "test/real-host/host.test.ts";
const HOST_SUPPORT = "test/real-host/running-host.ts";
const THIS_TEST = "test/docs/commands.test.ts";
const BENCH_TEST = "test/bench/programs.long.test.ts";
const NEW_TEST = "test/cli/new-command.sampled.test.ts";
const CONFORMANCE_TEST = "test/cli/conformance-command.test.ts";
const EXAMPLES_TEST = "test/examples/examples.sampled.test.ts";

/**
 * Every command line of the pages whose block is not run as a whole. A block is
 * run, or all of its lines are here: a new command is run by the test without
 * anybody's doing, and fails it where it cannot work.
 */
export const COVERED_COMMANDS: readonly CoveredCommand[] = [
  { line: "npm run build", by: [CI, "step npm test"] },
  { line: "npm run check", by: [CI, "step npm run check"] },
  {
    line: "npx vitest run --config test/vitest.config.ts test/memory/expiry.test.ts",
    by: ["package.json", "vitest run --config test/vitest.config.ts"],
  },
  {
    line: "npx vitest run --config test/vitest.config.ts cli/package",
    by: ["package.json", "vitest run --config test/vitest.config.ts"],
  },
  {
    line: "npx vitest run --config test/vitest.config.ts docs/paths",
    by: ["package.json", "vitest run --config test/vitest.config.ts"],
  },
  ...["long", "abuse", "executable", "soak"].map((suite): CoveredCommand => ({
    line: `npm run suite -- ${suite}`,
    by: ["scripts/run-suite.mjs", `  ${suite}: {`],
  })),
  { line: "npm publish", notRun: "publishes the package" },
  { line: "npm ci", by: [CI, "step npm ci"] },
  ...[
    "npx gestalt-cache-memory serve",
    "npx gestalt-cache-memory set greeting hello --ttl 5m",
    "npx gestalt-cache-memory get greeting",
    "npx gestalt-cache-memory stats",
  ].map((line): CoveredCommand => ({ line, by: [THIS_TEST, "the first use of the README"] })),
  {
    line: "git clone https://github.com/valon-technologies/gestalt-providers.git",
    notRun: "fetches the repository of this project",
  },
  { line: "cd gestalt-providers/cache/memory", notRun: "the repository is not fetched" },
  { line: "npm ci && npm test", by: [CI, "step npm test"] },
  { line: "npm ci && npm start", by: [THIS_TEST, "npm start runs a cache"] },
  { line: "npm run bench", by: [BENCH_TEST, '"--quick"'] },
  { line: "npm run bench -- memory", by: [BENCH_TEST, '"--quick"'] },
  { line: "npm run bench -- expiry", by: [BENCH_TEST, '"--entries"'] },
  {
    line: 'export GESTALT_BUN="$PWD/node_modules/.bin/bun"',
    by: ["test/support/compiled-executable.ts", "node_modules/.bin/bun"],
  },
  {
    line: '"$GESTALT_BUN" run --cwd "$PWD" gestalt-ts-build -- "$PWD" cache:./src/provider.ts#provider /tmp/gestalt-plugin-memory memory linux amd64',
    by: [BUILD_TEST, "is built from another directory"],
  },
  { line: "npm install gestalt-cache-memory", by: [PACKAGE_TEST, '"install"'] },
  { line: "npm run release", by: [RELEASE_TEST, 'npmRun("release"'] },
  { line: "npm run release -- --platform all --out release", notRun: OTHER_PLATFORMS },
  { line: "npm run release:check -- release", by: [RELEASE_TEST, 'npmRun("release:check"'] },
  {
    line: "GESTALTD=/usr/local/bin/gestaltd npx vitest run --config test/vitest.config.ts real-host/",
    by: [HOST_TEST, 'process.env["GESTALTD"]'],
  },
  { line: "export GESTALT_TYPESCRIPT_SDK_DIR=/nonexistent", by: [HOST_SUPPORT, "/nonexistent"] },
  { line: "npm run gestalt-ts-build", by: [BUILD_TEST, '"gestalt-ts-build"'] },
  { line: "gestaltd init --config gestalt.yaml", by: [HOST_SUPPORT, '["init"]'] },
  { line: "gestaltd lock --config gestalt.yaml", by: [HOST_SUPPORT, '["lock"]'] },
  {
    line: "gestaltd sync --locked --config gestalt.yaml",
    by: [HOST_SUPPORT, '["sync", "--locked"]'],
  },
  {
    line: "gestaltd serve --locked --config gestalt.yaml",
    by: [HOST_SUPPORT, '["serve", "--locked"]'],
  },
  { line: "gestaltd validate --config gestalt.yaml", by: [HOST_SUPPORT, '["validate"]'] },
  {
    line: "gestaltd validate --runtime --config gestalt.yaml",
    by: [HOST_SUPPORT, '["validate", "--runtime"]'],
  },
  {
    line: "gestaltd provider release --version 0.1.0 --output release",
    by: [HOST_TEST, '"provider", "release"'],
  },
  { line: "cd examples/plugin", by: [EXAMPLES_TEST, 'createExampleProject("plugin")'] },
  {
    line: "npx gestalt-cache-memory exec --bind visits -- npm start Ada Grace Ada",
    by: [THIS_TEST, "exec --bind visits -- npm start Ada Grace Ada"],
  },
  {
    line: "npx gestalt-cache-memory exec --bind visits --stats -- npm test",
    by: [EXAMPLES_TEST, "exec --bind visits --stats -- npm test"],
  },
  { line: "cd ../vitest", by: [EXAMPLES_TEST, 'createExampleProject("vitest")'] },
  { line: "npm test", by: [EXAMPLES_TEST, '.run("npm test")'] },
  { line: "npm install", by: [NEW_TEST, "linkDependencies(root)"] },
  { line: "npm run conformance", by: [NEW_TEST, '["npm", "run", "conformance"]'] },
  {
    line: "npx gestalt-cache-memory conformance -- ./my-provider",
    by: [CONFORMANCE_TEST, '"--", ...commandUnderTest'],
  },
  {
    line: "npx gestalt-cache-memory conformance --target unix:///tmp/my-provider.sock",
    by: [CONFORMANCE_TEST, "`unix://${path}`"],
  },
  {
    line: "npx gestalt-cache-memory conformance --skip process/newer-name-first --report junit -- ./my-provider",
    by: [CONFORMANCE_TEST, '"--report", format'],
  },
];
