/** The script `gestalt-ts-build` of this package, which hosts run to make its executable. */
import { runProviderBuild } from "./run-provider-build.js";

await runProviderBuild(process.argv.slice(2));
