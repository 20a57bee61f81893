import { serveCacheProvider } from "gestalt-cache-memory";
import { provider } from "./provider.js";

await serveCacheProvider(provider);
