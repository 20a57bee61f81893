/** A test file for `node --test`: a provider with one fault, by the kit's binding. */
import { describe, it } from "node:test";
import { registerConformance } from "../../dist/conformance/index.js";
import { createMemoryCacheProvider } from "../../dist/memory/memory-cache-provider.js";

registerConformance(describe, it, (clock) => {
  const provider = createMemoryCacheProvider({ clock });
  const { touch } = provider;
  provider.touch = async (key, ttlMs) => {
    const touched = await touch.call(provider, key, ttlMs);
    if (!touched && key.endsWith(":")) await provider.set(key, new Uint8Array(), { ttlMs: 1 });
    return touched;
  };
  return provider;
});
