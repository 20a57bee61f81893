/** What a provider's package needs so that hosts can build its executable. */
export { runProviderBuild } from "./release/build/run-provider-build.js";
