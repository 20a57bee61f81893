import { conformanceTestText, mainText, providerText } from "./project-sources.js";
import { readmeText } from "./project-readme.js";

/** What a new project is made of. */
export interface NewProject {
  /** In lower case, as hosts accept it. */
  readonly name: string;
  /** Where the package will be published, for its manifest. */
  readonly source: string;
  /** The version of this package that the project depends on. */
  readonly version: string;
}

/** The files of a cache provider that hosts accept, by their path in the project. */
export function providerProjectFiles(project: NewProject): Readonly<Record<string, string>> {
  const { name, source } = project;
  return {
    "package.json": json(packageDescription(project)),
    "tsconfig.json": json(COMPILER_SETTINGS),
    "manifest.yaml": manifestText(name, source) + HOST_COMMANDS,
    "manifest.before-v8.yaml": EARLIER_HOSTS + manifestText(name, source),
    "cache_config.json": json(configSchema(name)),
    "icon.svg": ICON,
    ".gitignore": "node_modules/\ndist/\n.gestaltd/\n",
    "README.md": readmeText(name),
    "src/provider.ts": providerText(name),
    "src/main.ts": mainText(),
    "test/conformance.test.ts": conformanceTestText(),
  };
}

/** Makes an executable of the target that the host names; part of this package. */
const BUILD_MODULE = "node_modules/gestalt-cache-memory/dist/release/build/ts-build.js";

/** What hosts start through bun, which is found at `npm_execpath` even when not on PATH. */
function hostScript(module: string): string {
  const findBun =
    'case "$npm_execpath" in */bun*) ;; *) npm_execpath="${GESTALT_BUN:-bun}" ;; esac';
  return `${findBun}; exec "$npm_execpath" ${module}`;
}

function packageDescription({ name, version }: NewProject): object {
  return {
    name,
    version: "0.1.0",
    private: true,
    type: "module",
    engines: { node: ">=20.19.0" },
    gestalt: { provider: { kind: "cache", target: "./src/provider.ts#provider" } },
    scripts: {
      build: "tsc",
      pretest: "npm run --silent build",
      test: "node --test dist/test/conformance.test.js",
      preconformance: "npm run --silent build",
      conformance: "gestalt-cache-memory conformance -- node dist/src/main.js",
      "gestalt-install": "(test -d node_modules || npm install) && npm run --silent build",
      "gestalt-ts-build": hostScript(BUILD_MODULE),
      "gestalt-ts-runtime": hostScript("src/main.ts"),
    },
    dependencies: { "gestalt-cache-memory": version },
    devDependencies: { "@types/node": "^20.19.0", bun: "^1.4.5", typescript: "^6.0.3" },
  };
}

const COMPILER_SETTINGS = {
  compilerOptions: {
    target: "ES2023",
    module: "NodeNext",
    types: ["node"],
    strict: true,
    noUncheckedIndexedAccess: true,
    verbatimModuleSyntax: true,
    skipLibCheck: true,
    rootDir: ".",
    outDir: "dist",
  },
  include: ["src", "test"],
};

function manifestText(name: string, source: string): string {
  return `kind: cache
source: ${source}
version: 0.1.0
displayName: ${JSON.stringify(name)}
description: A cache provider for Gestalt.
iconFile: icon.svg
spec:
  # Without "." in front: hosts refuse paths that are not normalized.
  configSchemaPath: cache_config.json
`;
}

/** What hosts from June 2026 run; they require `build`, and earlier hosts refuse all three. */
const HOST_COMMANDS = `# Before \`run\`: installs the dependencies and compiles dist/.
install:
  command: [npm, run, --silent, gestalt-install]
# Compiles the executable that a release holds, in .gestaltd/bin.
build:
  command: [npm, run, --silent, gestalt-ts-build]
run:
  command: [node, dist/src/main.js]
`;

const EARLIER_HOSTS = `# For hosts before June 2026, whose configuration is at most gestaltd.config/v7:
# they refuse the commands of manifest.yaml. Keep all other fields the same.
`;

function configSchema(name: string): object {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: name,
    description: `Configuration of the cache provider ${name}.`,
    type: "object",
    additionalProperties: false,
    properties: {},
  };
}

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" width="64" height="64">
  <rect x="8" y="8" width="48" height="48" rx="8" fill="#57606a"/>
  <path d="M20 24h24M20 32h24M20 40h14" stroke="#fff" stroke-width="4" stroke-linecap="round"/>
</svg>
`;

function json(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
