/** Where a provider is exported: a module inside its package, and the name of the export. */
export interface ProviderTarget {
  /** Relative to the package's root, starting with `./`. */
  readonly module: string;
  readonly exportName: string;
}

const TARGET = /^(?<kind>[^:]*):(?<module>[^#]+)#(?<exportName>.*)$/;
const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;
const MODULE_EXTENSION = /\.[cm]?[jt]sx?$/;

/**
 * Reads the target that the host hands to the build: what package.json declares
 * under `gestalt.provider`, with the kind in front, such as
 * `cache:./src/provider.ts#provider`.
 *
 * @throws Error quoting the target and the rule that it breaks
 */
export function parseProviderTarget(text: string): ProviderTarget {
  const { kind, module, exportName } = TARGET.exec(text)?.groups ?? {};
  const refuse = (rule: string): Error => new Error(`target "${text}": ${rule}`);
  if (kind === undefined || module === undefined || exportName === undefined) {
    throw refuse("expected the form cache:./path/module.ts#export");
  }
  if (kind !== "cache") throw refuse(`the kind must be cache, not "${kind}"`);
  if (!module.startsWith("./") || module.split("/").includes("..")) {
    throw refuse("the module must lie inside the package, with ./ in front");
  }
  if (!MODULE_EXTENSION.test(module)) {
    throw refuse("the module must be a TypeScript or JavaScript file");
  }
  if (!IDENTIFIER.test(exportName)) throw refuse("the export must be an identifier");
  return { module, exportName };
}
