/**
 * A cache provider without any code of this project: grpc-js and the .proto files
 * alone. Run as a program it lives under the host; FAULT names one of the faults of
 * independent-faults.mjs, which replace its parts.
 */
import { chmodSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import * as grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";

const { status } = grpc;
const definitions = loadSync(
  ["gestalt/provider/v1/cache.proto", "gestalt/provider/v1/lifecycle.proto"],
  { includeDirs: [join(import.meta.dirname, "../../proto")], keepCase: true, longs: String },
);

function failure(code, details) {
  return Object.assign(new Error(details), { code, details });
}

/** The time to live in milliseconds; 0 for never. */
function ttlMsOf(ttl) {
  if (!ttl) return 0;
  const seconds = Number(ttl.seconds ?? 0);
  const nanos = ttl.nanos ?? 0;
  const malformed =
    Math.abs(nanos) > 999_999_999 || seconds * nanos < 0 || Math.abs(seconds) > 315_576_000_000;
  if (malformed) throw failure(status.INVALID_ARGUMENT, "ttl is no Duration");
  if (seconds < 0 || nanos < 0) throw failure(status.INVALID_ARGUMENT, "ttl must be >= 0");
  return Math.ceil(seconds * 1000 + nanos / 1e6);
}

/** Every problem of a configuration, each with its path. */
function problemsOf(config) {
  const problems = [];
  for (const [name, value] of Object.entries(config?.fields ?? {})) {
    if (!["maxBytes", "maxEntries"].includes(name)) {
      if (!LAUNCH_RECORD.includes(name)) problems.push(`${name}: unknown; is maxBytes meant?`);
    } else if (!(value.numberValue > 0)) problems.push(`${name}: must be a positive number`);
  }
  return problems;
}

const LAUNCH_RECORD = [
  ...["name", "source", "command", "manifestPath"],
  ...["args", "env", "egress", "allowedHosts", "hostBinary"],
];

/** A message, or what to say of bytes that are none. */
function decode(deserialize, bytes) {
  try {
    const request = deserialize(bytes);
    // The decoder replaces bytes that are no UTF-8.
    const replaced = request.key?.includes("\ufffd") && !bytes.includes("\ufffd");
    return replaced ? { undecodable: "key is no UTF-8" } : request;
  } catch (error) {
    return { undecodable: String(error) };
  }
}

/** The parts of a provider. Every one may be replaced before it is served. */
export function createParts() {
  const entries = new Map();
  const parts = {
    entries,
    configured: undefined,
    identity: { kind: "PROVIDER_KIND_CACHE", name: "independent", min: 2, max: 5 },
    serverOptions: { "grpc.max_receive_message_length": 70 * 1024 * 1024 },
    ttlMsOf,
    problemsOf,
    decode,
    moreMethods: {},
    assertServedAs() {},
    assertDecoded({ undecodable }) {
      if (undecodable) throw failure(status.INVALID_ARGUMENT, undecodable);
    },
    assertReplyFits(size) {
      if (size <= 4_194_304) return;
      throw failure(status.RESOURCE_EXHAUSTED, `a reply of ${size} bytes; ask for fewer keys`);
    },
    live(key) {
      const entry = entries.get(key);
      if (entry && performance.now() >= entry.end) entries.delete(key);
      return entries.get(key);
    },
    write(key, value, ttlMs) {
      const end = ttlMs === 0 ? Infinity : performance.now() + ttlMs;
      entries.set(key, { value: Buffer.from(value ?? ""), end });
    },
    assertConfigured() {
      if (!parts.configured) throw failure(status.FAILED_PRECONDITION, "not configured");
    },
    cache: {
      Get({ key = "" }) {
        const entry = parts.live(key);
        return { found: entry !== undefined, value: entry?.value };
      },
      GetMany({ keys = [] }) {
        const results = keys.map((key) => ({ key, ...parts.cache.Get({ key }) }));
        parts.assertReplyFits(results.reduce((sum, { value }) => sum + (value?.length ?? 0), 0));
        return { entries: results };
      },
      Set({ key = "", value, ttl }) {
        if ((value?.length ?? 0) > 4_194_000) {
          throw failure(status.RESOURCE_EXHAUSTED, "the value is too large");
        }
        parts.write(key, value, parts.ttlMsOf(ttl));
        return {};
      },
      SetMany({ entries: written = [], ttl }) {
        const ttlMs = parts.ttlMsOf(ttl);
        for (const { key = "", value } of written) parts.write(key, value, ttlMs);
        return {};
      },
      Delete({ key = "" }) {
        return { deleted: parts.live(key) !== undefined && entries.delete(key) };
      },
      DeleteMany: ({ keys = [] }) => ({
        deleted: keys.filter((key) => parts.cache.Delete({ key }).deleted).length,
      }),
      Touch({ key = "", ttl }) {
        const ttlMs = parts.ttlMsOf(ttl);
        const entry = parts.live(key);
        if (entry) parts.write(key, entry.value, ttlMs);
        return { touched: entry !== undefined };
      },
    },
    lifecycle: {
      GetProviderIdentity: () => ({
        kind: parts.identity.kind,
        name: parts.configured?.name || parts.identity.name,
        min_protocol_version: parts.identity.min,
        max_protocol_version: parts.identity.max,
      }),
      ConfigureProvider(request) {
        const { protocol_version = 0 } = request;
        if (protocol_version < parts.identity.min || protocol_version > parts.identity.max) {
          const sides = `${protocol_version} is not in ${parts.identity.min} to ${parts.identity.max}`;
          throw failure(status.FAILED_PRECONDITION, `protocol version ${sides}`);
        }
        const problems = parts.problemsOf(request.config);
        if (problems.length > 0) throw failure(status.INVALID_ARGUMENT, problems.join("; "));
        parts.configured = request;
        return { protocol_version };
      },
      HealthCheck: () => ({ ready: true }),
      StartProvider: () => ({ protocol_version: parts.configured?.protocol_version }),
    },
    life: {
      socketPath: (env) => env.GESTALT_PROVIDER_SOCKET || env.GESTALT_PLUGIN_SOCKET,
      beforeListening() {},
      afterListening: (path) => chmodSync(path, 0o600),
      onSignal(stop) {
        process.on("SIGTERM", stop);
        process.on("SIGINT", stop);
      },
      hostIsGone: (hostPid, firstParent) => process.ppid !== firstParent || !isAlive(hostPid),
      async stop(server) {
        await new Promise((resolve) => void server.tryShutdown(resolve));
      },
      removeSocket: (path) => rmSync(path, { force: true }),
      exit: () => process.exit(0),
    },
  };
  return parts;
}

/** A grpc-js server of these parts, not yet bound. */
export function createServer(parts) {
  const server = new grpc.Server(parts.serverOptions);
  const add = (name, operations, guard) => {
    const definition = definitions[`gestalt.provider.v1.${name}`];
    for (const [method, operate] of Object.entries(operations)) {
      const { path, requestDeserialize, responseSerialize } = definition[method];
      const handle = async (call, answer) => {
        try {
          guard(method);
          parts.assertServedAs(call.getHost());
          parts.assertDecoded(call.request);
          answer(null, await operate(call.request));
        } catch (error) {
          answer({ code: error.code ?? status.INTERNAL, details: error.details ?? String(error) });
        }
      };
      const deserialize = (bytes) => parts.decode(requestDeserialize, bytes);
      server.register(path, handle, responseSerialize, deserialize, "unary");
    }
  };
  for (const [path, answerBytes] of Object.entries(parts.moreMethods)) {
    const handle = (_call, answer) => answer(null, answerBytes);
    server.register(path, handle, Buffer.from, Buffer.from, "unary");
  }
  add("Cache", parts.cache, (method) => parts.assertConfigured(method));
  add("ProviderLifecycle", parts.lifecycle, () => undefined);
  return server;
}

/** Begins to accept at a grpc-js address. */
export function bind(server, address) {
  return new Promise((resolve, reject) => {
    const credentials = grpc.ServerCredentials.createInsecure();
    server.bindAsync(address, credentials, (error) => (error ? reject(error) : resolve()));
  });
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Lives the life of a provider under the host. */
export async function liveUnderHost({ parts, env = process.env }) {
  const { life } = parts;
  const path = life.socketPath(env);
  if (!path) throw new Error("no socket path");
  await life.beforeListening(path);
  const server = createServer(parts);
  await bind(server, `unix:${path}`);
  life.afterListening(path);
  const stop = async () => {
    await life.stop(server);
    if (existsSync(path)) life.removeSocket(path);
    life.exit();
  };
  life.onSignal(() => void stop());
  const firstParent = process.ppid;
  const hostPid = Number(env.GESTALT_APP_PARENT_PID || env.GESTALT_PLUGIN_PARENT_PID);
  setInterval(() => {
    if (life.hostIsGone(hostPid, firstParent)) void stop();
  }, 300);
}

if (process.argv[1] === import.meta.filename) {
  const parts = createParts();
  if (process.env.FAULT) {
    const { INDEPENDENT_FAULTS } = await import("./independent-faults.mjs");
    INDEPENDENT_FAULTS.find(({ fault }) => fault === process.env.FAULT).apply(parts);
  }
  await liveUnderHost({ parts });
}
