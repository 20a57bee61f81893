/**
 * The version of this package, plain semver. Kept here, and not read from
 * package.json, so that it is there in every form of the program; a test holds
 * package.json, manifest.yaml and this together.
 */
export const VERSION = "0.1.0";
