// The script "gestalt-ts-build" in package.json: hosts run it to compile the executable.
import { runProviderBuild } from "gestalt-cache-memory/build";

await runProviderBuild(process.argv.slice(2));
