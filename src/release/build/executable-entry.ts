import { existsSync } from "node:fs";
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
    return { kind: "module", path: COMMAND };
  }
  return { kind: "source", text: servingModule(join(root, target.module), target.exportName) };
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
