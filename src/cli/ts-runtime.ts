/**
 * The script that a host runs for a provider that is not compiled:
 * `bun run --cwd ROOT gestalt-ts-runtime -- ROOT TARGET`, with a TARGET such as
 * `cache:./src/provider.ts#provider`. It loads the target and serves it.
 */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { serveCacheProvider } from "../host/serve-cache-provider.js";
import { loadCacheProvider } from "./load-cache-provider.js";
import { prepareProcess } from "./prepare-process.js";

prepareProcess();

const [root, target] = process.argv.slice(2);
try {
  if (root === undefined || target === undefined) {
    throw new Error(
      "expected two arguments: ROOT TARGET, such as . cache:./src/provider.ts#provider",
    );
  }
  await serveCacheProvider(await loadCacheProvider(pathToFileURL(`${resolve(root)}/`), target));
} catch (error) {
  console.error(`gestalt-ts-runtime: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}
