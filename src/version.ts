/** Put here by a release that is made under another version than the package's. */
declare const RELEASE_VERSION: string | undefined;

/**
 * The version of this package, plain semver. Kept here, and not read from
 * package.json, so that it is there in every form of the program; a test holds
 * package.json, manifest.yaml and this together.
 */
export const VERSION: string = typeof RELEASE_VERSION === "undefined" ? "0.1.0" : RELEASE_VERSION;
