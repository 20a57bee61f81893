import { serveCacheProvider } from "../host/serve-cache-provider.js";
import { provider } from "../memory/provider.js";
import { prepareProcess } from "./prepare-process.js";

/**
 * Serves the memory provider under the host. The build bundles this module and all that it loads
 * into one file: reading one file instead of thirty saves a quarter of the time to start.
 *
 * @returns settled when the socket accepts
 * @throws Error for the person who reads it, when the socket cannot be served
 */
export async function serveMemoryProvider(): Promise<void> {
  prepareProcess();
  await serveCacheProvider(provider);
}
