/**
 * The version of the kit, as every report names it. A new required case, and a case that
 * becomes stricter, is a breaking change: providers that conformed may fail. CHANGELOG.md has
 * a section for the kit.
 */
export const KIT_VERSION = "1.0.0";
