import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { declaredTarget } from "./declared-target.js";
import type { ProviderTarget } from "./provider-target.js";

/** What an executable starts with. */
export type ExecutableEntry =
  /** A module of the package, relative to its root. */
  | { readonly kind: "module"; readonly path: string }
  /** Text of a module that is made for the purpose. */
  | { readonly kind: "source"; readonly text: string };

/** The command of this package; under the host's variables it is the provider. */
const COMMAND = "src/cli/main.ts";

/**
 * The same command, bundled for Node. It needs only what the npm package carries in its own
 * node_modules, so it compiles where the package is unpacked and not installed.
 */
const BUNDLED_COMMAND = "dist/cli/command.js";

/** The package that this module belongs to: of src/ and of dist/ alike. */
const OWN_ROOT = join(import.meta.dirname, "../../..");

/**
 * Decides what the executable of a provider starts with. For this package's own
 * provider that is the whole command, so that the executable can do all that the
 * command can. For any other target, of this package or of an author's, it is a
 * few lines that serve what the target exports.
 *
 * @param root - directory of the package, absolute and without symbolic links
 * @throws Error when the module does not exist
 */
export function executableEntry(root: string, target: ProviderTarget): ExecutableEntry {
  if (!existsSync(join(root, target.module))) {
    throw new Error(`${target.module} does not exist in ${root}`);
  }
  if (root === OWN_ROOT && isDeepStrictEqual(declaredTarget(root), target)) {
    const isBundleNeeded =
      !areDependenciesInstalled(root) && existsSync(join(root, BUNDLED_COMMAND));
    return { kind: "module", path: isBundleNeeded ? BUNDLED_COMMAND : COMMAND };
  }
  return { kind: "source", text: servingModule(join(root, target.module), target.exportName) };
}

/** True when every runtime dependency of the package is found from its root. */
function areDependenciesInstalled(root: string): boolean {
  const description = join(root, "package.json");
  const { dependencies } = JSON.parse(readFileSync(description, "utf8")) as {
    readonly dependencies: Readonly<Record<string, string>>;
  };
  const searched = createRequire(description).resolve.paths("any") ?? [];
  return Object.keys(dependencies).every((name) =>
    searched.some((directory) => existsSync(join(directory, name, "package.json"))),
  );
}

function servingModule(modulePath: string, exportName: string): string {
  const serving = join(import.meta.dirname, "../../host/serve-cache-provider.js");
  return `import { ${exportName} as provider } from ${JSON.stringify(modulePath)};
import { serveCacheProvider } from ${JSON.stringify(serving)};
serveCacheProvider(provider).catch((error) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
});
`;
}
