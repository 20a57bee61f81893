/**
 * The providers that a host needs beside a cache: `node stub-provider.mjs KIND`.
 *
 * - `indexeddb`: a storage that accepts every store and holds nothing.
 * - `external_credentials`: no credentials.
 * - `plugin`: one operation, `roundtrip`, that writes a value into the cache that its
 *   binding names, reads it back and replies with what it has read.
 */
import { join } from "node:path";
import { loadPackageDefinition, Server, ServerCredentials } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { Cache } from "../../dist/index.js";

const [kind] = process.argv.slice(2);
const CONNECTION_MODE_NONE = 1;

const definition = loadSync(join(import.meta.dirname, "host-protocol.proto"), { longs: Number });
const services = loadPackageDefinition(definition).gestalt.provider.v1;

const answer = (reply) => (call, callback) => callback(null, reply(call.request));
const empty = answer(() => ({}));
const echoVersion = answer(({ protocolVersion }) => ({ protocolVersion }));

const KINDS = {
  indexeddb: {
    number: 3,
    service: services.IndexedDB.service,
    calls: { CreateObjectStore: empty, IndexGetAll: empty, Add: empty, Put: empty },
  },
  external_credentials: {
    number: 12,
    service: services.ExternalCredentialProvider.service,
    calls: { ListCredentials: empty, ValidateCredentialConfig: empty },
  },
  plugin: {
    number: 1,
    service: services.IntegrationProvider.service,
    calls: {
      GetMetadata: answer(() => ({
        name: "visits",
        connectionMode: CONNECTION_MODE_NONE,
        staticCatalog: {
          name: "visits",
          operations: [{ id: "roundtrip", method: "POST" }],
        },
      })),
      StartProvider: echoVersion,
      async Execute({ request }, callback) {
        try {
          callback(null, { status: 200, body: JSON.stringify(await roundTrip(request.params)) });
        } catch (error) {
          callback(null, { status: 500, body: JSON.stringify({ error: String(error) }) });
        }
      },
    },
  },
};

async function roundTrip({ fields }) {
  const text = (name) => fields[name]?.stringValue ?? "";
  const cache = new Cache(text("binding") || undefined);
  const before = await cache.get(text("key"));
  await cache.set(text("key"), new TextEncoder().encode(text("value")), { ttlMs: 60_000 });
  const after = await cache.get(text("key"));
  const decode = (bytes) => (bytes === undefined ? null : new TextDecoder().decode(bytes));
  return { before: decode(before), after: decode(after) };
}

const { number, service, calls } = KINDS[kind];
const server = new Server();
server.addService(service, calls);
if (kind !== "plugin") {
  server.addService(services.ProviderLifecycle.service, {
    GetProviderIdentity: answer(() => ({ kind: number, name: kind })),
    ConfigureProvider: echoVersion,
  });
}
const socket = process.env.GESTALT_PROVIDER_SOCKET ?? process.env.GESTALT_PLUGIN_SOCKET;
server.bindAsync(`unix://${socket}`, ServerCredentials.createInsecure(), (error) => {
  if (error !== null) throw error;
});
process.once("SIGTERM", () => process.exit(0));

// A host that was killed leaves its providers to themselves.
const host = process.ppid;
setInterval(() => {
  if (process.ppid !== host) process.exit(0);
}, 500);
