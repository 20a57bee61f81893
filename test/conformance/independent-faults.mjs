/**
 * Wrong providers behind a socket: what each replaces in the independent provider,
 * and the cases that must notice. `via: "socket"`: all cases that wait for nothing
 * are run against it; `via: "command"`: the cases of the named themes, against a
 * process of its own.
 */
import http2 from "node:http2";
import { chmodSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const NEVER = new Promise(() => {});

function refuse(code, details) {
  throw Object.assign(new Error(details), { code, details });
}

/** Lets a fault see the HTTP/2 sessions of the server, which grpc-js keeps to itself. */
function onSession(visit) {
  const { createServer } = http2;
  http2.createServer = (...args) => {
    http2.createServer = createServer;
    return createServer(...args).on("session", visit);
  };
}

/** A change of one operation: it gets the right one, and what it is called with. */
function operation(service, name, change) {
  return (parts) => {
    const right = parts[service][name];
    parts[service][name] = (request) => change(right, request, parts);
  };
}

const cache = (name, change) => operation("cache", name, change);
const lifecycle = (name, change) => operation("lifecycle", name, change);

const SOCKET_FAULTS = [
  {
    fault: "sorts the results of GetMany by key",
    apply: cache("GetMany", (right, { keys = [] }) => right({ keys: keys.toSorted() })),
    fails: [
      "get-many/request-order",
      "get-many/answers-duplicates",
      "get-many/thousand-keys",
      "keys/object-names-in-batches",
      "keys/order-of-numbers",
    ],
  },
  {
    fault: "omits misses from GetMany",
    apply: cache("GetMany", (right, request) => {
      const { entries } = right(request);
      return { entries: entries.filter(({ found }) => found) };
    }),
    fails: ["get-many/includes-misses", "get-many/keys-as-sent", "get-many/thousand-keys"],
  },
  {
    fault: "merges duplicates in GetMany",
    apply: cache("GetMany", (right, { keys = [] }) => right({ keys: [...new Set(keys)] })),
    fails: ["get-many/answers-duplicates"],
  },
  {
    fault: "returns lower-case keys from GetMany",
    apply: cache("GetMany", (right, request) => {
      const { entries } = right(request);
      return { entries: entries.map((each) => ({ ...each, key: each.key.toLowerCase() })) };
    }),
    fails: ["get-many/keys-as-sent", "keys/object-names", "keys/object-names-in-batches"],
  },
  {
    fault: "collects the results of GetMany in a plain object",
    apply: cache("GetMany", (right, { keys = [] }) => {
      const results = {};
      for (const key of keys) results[key] = key;
      return right({ keys: Object.keys(results) });
    }),
    fails: [
      "get-many/answers-duplicates",
      "keys/object-names",
      "keys/object-names-in-batches",
      "keys/order-of-numbers",
    ],
  },
  {
    fault: "accepts nanos of more than a second",
    apply: (parts) => {
      const { ttlMsOf } = parts;
      parts.ttlMsOf = (ttl) => ttlMsOf(ttl && { ...ttl, nanos: (ttl.nanos ?? 0) % 1e9 });
    },
    fails: ["ttl/malformed-nanos-refused"],
    // One second less a billion nanoseconds is refused all the same, as negative.
  },
  {
    fault: "accepts seconds and nanos of different signs",
    apply: (parts) => {
      const { ttlMsOf } = parts;
      parts.ttlMsOf = (ttl) => {
        const mixed = Number(ttl?.seconds ?? 0) * (ttl?.nanos ?? 0) < 0;
        return mixed ? 1000 : ttlMsOf(ttl);
      };
    },
    fails: ["ttl/malformed-signs-refused"],
  },
  {
    fault: "accepts a TTL of more than 10,000 years",
    apply: (parts) => {
      const { ttlMsOf } = parts;
      parts.ttlMsOf = (ttl) => (Number(ttl?.seconds) > 315_576_000_000 ? 0 : ttlMsOf(ttl));
    },
    fails: ["ttl/malformed-seconds-refused"],
  },
  {
    fault: "replies to methods that do not exist",
    apply: (parts) => {
      parts.moreMethods["/gestalt.provider.v1.Cache/Increment"] = Buffer.alloc(0);
    },
    fails: ["errors/unknown-method"],
  },
  {
    fault: "replies to services that do not exist",
    apply: (parts) => {
      parts.moreMethods["/gestalt.provider.v1.NoSuchService/Get"] = Buffer.alloc(0);
    },
    fails: ["errors/unknown-service"],
  },
  {
    fault: "treats a request that does not decode as an empty one",
    apply: (parts) => {
      const { decode } = parts;
      parts.decode = (...args) => {
        const request = decode(...args);
        return request.undecodable ? {} : request;
      };
    },
    fails: [
      "errors/undecodable-request",
      "errors/undecodable-is-invalid-argument",
      "errors/key-that-is-no-utf8",
    ],
  },
  {
    fault: "fails with INTERNAL for a request that does not decode",
    apply: (parts) => {
      parts.decode = (deserialize, bytes) => deserialize(bytes);
    },
    fails: ["errors/undecodable-is-invalid-argument", "errors/key-that-is-no-utf8"],
  },
  {
    fault: "refuses an escaped path as :authority",
    apply: (parts) => {
      parts.assertServedAs = (authority) => {
        if (authority.includes("%2F")) refuse(3, "bad authority");
      };
    },
    fails: ["connection/escaped-path-authority", "connection/any-authority"],
  },
  {
    fault: "refuses an :authority that is not valid in a URL",
    apply: (parts) => {
      parts.assertServedAs = (authority) => {
        if (!authority.includes("%2Fgestalt")) new URL(`http://${authority}`);
      };
    },
    fails: ["connection/any-authority"],
  },
  {
    fault: "accepts at most two connections",
    apply: () => {
      let open = 0;
      onSession((session) => {
        session.once("close", () => open--);
        // grpc-js still looks at the socket in this turn.
        if (++open > 2) setImmediate(() => session.destroy());
      });
    },
    fails: ["connection/several-at-once"],
  },
  {
    fault: "accepts requests of up to 4 MiB, the default of gRPC libraries",
    apply: (parts) => {
      parts.serverOptions = {};
    },
    fails: ["bounds/request-above-4-mib", "bounds/request-of-32-mib"],
  },
  {
    fault: "accepts requests of up to 16 MiB",
    apply: (parts) => {
      parts.serverOptions = { "grpc.max_receive_message_length": 16 * 1024 * 1024 };
    },
    fails: ["bounds/request-of-32-mib"],
  },
  {
    fault: "stores values that do not fit in a reply",
    apply: cache("Set", (_right, { key = "", value, ttl }, parts) => {
      parts.write(key, value, parts.ttlMsOf(ttl));
      return {};
    }),
    fails: ["bounds/accepted-can-be-read", "bounds/too-large-keeps-entry"],
  },
  {
    fault: "does not limit the reply of GetMany",
    apply: (parts) => {
      parts.assertReplyFits = () => {};
    },
    fails: ["bounds/reply-limit"],
  },
  {
    fault: "returns another kind",
    apply: (parts) => {
      parts.identity.kind = "PROVIDER_KIND_SECRETS";
    },
    fails: ["lifecycle/kind-is-cache"],
  },
  {
    fault: "supports only protocol versions that no host uses",
    apply: (parts) => {
      Object.assign(parts.identity, { min: 6, max: 9 });
      parts.configured = {};
    },
    fails: [
      "lifecycle/version-range",
      "lifecycle/echoes-version",
      "lifecycle/start-provider",
      "lifecycle/configured-name",
      "lifecycle/versions-2-to-5",
      "lifecycle/other-versions-refused",
      "lifecycle/configure-again",
      "lifecycle/unknown-option-refused",
      "lifecycle/problems-by-path",
    ],
  },
  {
    fault: "returns its own protocol version",
    apply: lifecycle("ConfigureProvider", (right, request) => {
      right(request);
      return { protocol_version: 1 };
    }),
    fails: ["lifecycle/echoes-version", "lifecycle/versions-2-to-5"],
  },
  {
    fault: "is never ready",
    apply: lifecycle("HealthCheck", () => ({ ready: false, message: "starting" })),
    fails: ["lifecycle/health-check"],
  },
  {
    fault: "does not implement HealthCheck",
    apply: (parts) => {
      delete parts.lifecycle.HealthCheck;
    },
    fails: ["lifecycle/health-check"],
  },
  {
    fault: "does not implement StartProvider",
    apply: (parts) => {
      delete parts.lifecycle.StartProvider;
    },
    fails: ["lifecycle/start-provider"],
  },
  {
    fault: "does not return the protocol version from StartProvider",
    apply: lifecycle("StartProvider", () => ({})),
    fails: ["lifecycle/start-provider"],
  },
  {
    fault: "ignores the configured name",
    apply: lifecycle("GetProviderIdentity", (right) => ({ ...right({}), name: "independent" })),
    fails: ["lifecycle/configured-name"],
  },
  {
    fault: "supports only one protocol version",
    apply: lifecycle("ConfigureProvider", (right, request) => {
      const { protocol_version: version } = request;
      if (version !== 3) refuse(9, `host speaks ${version}; this provider versions 2 to 5, or 3`);
      return right(request);
    }),
    fails: ["lifecycle/versions-2-to-5"],
  },
  {
    fault: "accepts every protocol version",
    apply: lifecycle("ConfigureProvider", (right, request) => {
      right({ ...request, protocol_version: 5 });
      return { protocol_version: request.protocol_version };
    }),
    fails: ["lifecycle/other-versions-refused"],
  },
  {
    fault: "refuses a protocol version without naming the supported range",
    apply: lifecycle("ConfigureProvider", (right, request) => {
      if (request.protocol_version > 5) refuse(9, "wrong protocol version");
      return right(request);
    }),
    fails: ["lifecycle/other-versions-refused"],
  },
  {
    fault: "removes its entries when it is configured again",
    apply: lifecycle("ConfigureProvider", (right, request, parts) => {
      parts.entries.clear();
      return right(request);
    }),
    fails: ["lifecycle/configure-again"],
  },
  {
    fault: "ignores unknown options",
    apply: (parts) => {
      const { problemsOf } = parts;
      parts.problemsOf = (config) => problemsOf(config).filter((each) => !/unknown/.test(each));
    },
    fails: ["lifecycle/unknown-option-refused"],
  },
  {
    fault: "names only the first problem of a configuration",
    apply: (parts) => {
      const { problemsOf } = parts;
      parts.problemsOf = (config) => problemsOf(config).slice(0, 1);
    },
    fails: ["lifecycle/problems-by-path"],
  },
];

const COMMAND_FAULTS = [
  {
    fault: "crashes when a client disconnects in the middle of a call",
    themes: ["connection"],
    apply: () =>
      onSession((session) => {
        session.on("stream", (stream) => stream.once("aborted", () => process.exit(3)));
      }),
    fails: ["connection/abandoned-calls"],
  },
  {
    fault: "crashes on a request that does not decode",
    themes: ["errors"],
    apply: (parts) => {
      const { decode } = parts;
      parts.decode = (...args) => {
        const request = decode(...args);
        if (request.undecodable) process.exit(3);
        return request;
      };
    },
    fails: [
      "errors/undecodable-request",
      "errors/undecodable-is-invalid-argument",
      "errors/key-that-is-no-utf8",
    ],
  },
  {
    fault: "reads only the newer socket variable",
    apply: ({ life }) => {
      life.socketPath = (env) => env.GESTALT_PROVIDER_SOCKET;
    },
    fails: ["process/plugin-socket"],
  },
  {
    fault: "reads only the older socket variable",
    apply: ({ life }) => {
      life.socketPath = (env) => env.GESTALT_PLUGIN_SOCKET;
    },
    fails: ["process/provider-socket", "process/newer-name-first"],
  },
  {
    fault: "prefers the older socket variable",
    apply: ({ life }) => {
      life.socketPath = (env) => env.GESTALT_PLUGIN_SOCKET || env.GESTALT_PROVIDER_SOCKET;
    },
    fails: ["process/newer-name-first"],
  },
  {
    fault: "requires the variable for its name",
    apply: ({ life }) => {
      const { socketPath } = life;
      life.socketPath = (env) => {
        if (!env.GESTALT_PLUGIN_NAME && !env.GESTALT_APP_NAME) throw new Error("no name");
        return socketPath(env);
      };
    },
    fails: ["process/without-name"],
  },
  {
    fault: "creates its socket file before it accepts connections",
    apply: ({ life }) => {
      life.beforeListening = async (path) => {
        writeFileSync(path, "");
        await sleep(150);
        rmSync(path);
      };
    },
    fails: ["process/socket-accepts-when-visible"],
  },
  {
    fault: "exits when its parent is not the host",
    apply: ({ life }) => {
      life.hostIsGone = (hostPid) => process.ppid !== hostPid;
    },
    fails: ["process/host-pid-gone-ends"],
  },
  {
    fault: "serves before it is configured",
    apply: (parts) => {
      parts.assertConfigured = () => {};
    },
    fails: ["process/before-configure", "process/failed-configure-opens-nothing"],
  },
  {
    fault: "serves batches before it is configured",
    apply: (parts) => {
      const { assertConfigured } = parts;
      parts.assertConfigured = (method) => method.endsWith("Many") || assertConfigured();
    },
    fails: ["process/before-configure"],
  },
  {
    fault: "does not return its identity before it is configured",
    apply: lifecycle("GetProviderIdentity", (right, request, parts) => {
      if (!parts.configured) refuse(9, "not configured");
      return right(request);
    }),
    fails: ["process/identity-before-configure"],
  },
  {
    fault: "serves after a configuration that failed",
    apply: lifecycle("ConfigureProvider", (right, request, parts) => {
      parts.configured = request;
      return right(request);
    }),
    fails: ["process/failed-configure-opens-nothing"],
  },
  {
    fault: "refuses the host's launch record",
    apply: lifecycle("ConfigureProvider", (right, request) => {
      if (request.config?.fields?.manifestPath) refuse(3, "manifestPath: unknown");
      return right(request);
    }),
    fails: ["process/launch-record-as-config"],
  },
  {
    fault: "recognizes the host's launch record only when its source is a string",
    apply: lifecycle("ConfigureProvider", (right, request) => {
      const { source } = request.config?.fields ?? {};
      if (source !== undefined && source.stringValue === undefined) refuse(3, "source: no text");
      return right(request);
    }),
    fails: ["process/launch-record-as-config"],
  },
  {
    fault: "exits when its client disconnects",
    apply: () => onSession((session) => session.once("close", () => process.exit(0))),
    fails: ["process/survives-disconnect"],
  },
  {
    fault: "removes its entries when its client disconnects",
    apply: (parts) => onSession((session) => session.once("close", () => parts.entries.clear())),
    fails: ["process/survives-disconnect"],
  },
  {
    fault: "ignores SIGTERM",
    apply: ({ life }) => {
      life.onSignal = (stop) => {
        process.on("SIGTERM", () => {});
        process.on("SIGINT", stop);
      };
    },
    fails: [
      "process/sigterm-ends",
      "process/sigterm-exit-code",
      "process/sigterm-removes-socket",
      "process/prints-no-values",
    ],
  },
  {
    fault: "waits after SIGTERM until its clients disconnect",
    apply: ({ life }) => {
      life.stop = () => NEVER;
      life.hostIsGone = () => false;
      const { onSignal } = life;
      life.onSignal = (stop) => {
        onSignal(stop);
        setInterval(() => process.ppid === 1 && process.exit(0), 100).unref();
      };
    },
    fails: [
      "process/sigterm-ends",
      "process/sigterm-exit-code",
      "process/sigterm-removes-socket",
      "process/sigint-ends",
      "process/host-pid-gone-ends",
      "process/prints-no-values",
    ],
  },
  {
    fault: "exits with a code other than 0",
    apply: ({ life }) => {
      life.exit = () => process.exit(143);
    },
    fails: ["process/sigterm-exit-code"],
  },
  {
    fault: "does not remove its socket file",
    apply: ({ life }) => {
      life.stop = () => {};
      life.removeSocket = () => {};
      life.exit = () => process.reallyExit(0);
    },
    fails: ["process/sigterm-removes-socket", "process/sigterm-finishes-calls"],
  },
  {
    fault: "drops calls in flight at SIGTERM",
    apply: ({ life }) => {
      life.stop = (server) => server.forceShutdown();
    },
    fails: ["process/sigterm-finishes-calls"],
  },
  {
    fault: "ignores SIGINT",
    apply: ({ life }) => {
      life.onSignal = (stop) => {
        process.on("SIGTERM", stop);
        process.on("SIGINT", () => {});
      };
    },
    fails: ["process/sigint-ends"],
  },
  {
    fault: "keeps running after its host has ended",
    apply: ({ life }) => {
      life.hostIsGone = () => false;
    },
    fails: ["process/parent-death-ends", "process/host-pid-gone-ends"],
  },
  {
    fault: "watches only its parent",
    apply: ({ life }) => {
      life.hostIsGone = (_hostPid, firstParent) => process.ppid !== firstParent;
    },
    fails: ["process/host-pid-gone-ends"],
  },
  {
    fault: "lets other users connect to its socket",
    apply: ({ life }) => {
      life.afterListening = (path) => chmodSync(path, 0o777);
    },
    fails: ["process/socket-is-private"],
  },
  {
    fault: "prints cached values",
    apply: cache("Set", (right, request) => {
      console.log(`set ${request.key} = ${request.value}`);
      return right(request);
    }),
    fails: ["process/prints-no-values"],
  },
  {
    fault: "prints requests as base64 when they fail",
    apply: cache("Set", (right, request) => {
      try {
        return right(request);
      } catch (error) {
        console.error(`${error.message}: ${request.value.toString("base64")}`);
        throw error;
      }
    }),
    fails: ["process/prints-no-values"],
  },
  {
    fault: "passes a value to console.log as a Buffer",
    apply: cache("Set", (right, request) => {
      console.log(request.value);
      return right(request);
    }),
    fails: ["process/prints-no-values"],
  },
  {
    fault: "passes a value to console.log as a Uint8Array",
    apply: cache("Set", (right, request) => {
      console.log(new Uint8Array(request.value));
      return right(request);
    }),
    fails: ["process/prints-no-values"],
  },
];

/** All of them. */
export const INDEPENDENT_FAULTS = [
  ...SOCKET_FAULTS.map((each) => ({ ...each, via: "socket" })),
  ...COMMAND_FAULTS.map((each) => ({ themes: ["process"], ...each, via: "command" })),
];
