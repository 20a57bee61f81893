/** Program: a plain `@redis/client` behind this project's gRPC server, in a process of its own. */
import { createClient, RESP_TYPES } from "@redis/client";
import { defineCacheProvider } from "../../src/contract/cache-provider.js";
import { createProviderServices } from "../../src/rpc/provider-services.js";
import { startProviderServer } from "../../src/server/provider-server.js";

const [socketPath = "", url = ""] = process.argv.slice(2);

const client = createClient({ url }).withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
await client.connect();

const provider = defineCacheProvider({
  get: (key) => client.get(key),
  async set(key, value, { ttlMs }) {
    const options = ttlMs === 0 ? {} : { expiration: { type: "PX" as const, value: ttlMs } };
    await client.set(key, Buffer.from(value), options);
  },
  delete: async (key) => (await client.del(key)) === 1,
  touch: async (key, ttlMs) => (await client.pExpire(key, ttlMs)) === 1,
  async getMany(keys) {
    const values = await client.mGet([...keys]);
    const found = Object.create(null) as Record<string, Uint8Array>;
    for (const [index, key] of keys.entries()) {
      const value = values[index];
      if (value !== null && value !== undefined) found[key] = value;
    }
    return found;
  },
});
const routes = createProviderServices(provider, { requireConfigure: false });
await startProviderServer({ routes }, { kind: "unix", path: socketPath });

process.once("disconnect", () => process.exit());
process.send?.({});
