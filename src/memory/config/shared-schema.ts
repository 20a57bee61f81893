import type { PropertySchema } from "./schema-problems.js";

/** What a URL of a server looks like; `parseServerUrl` reads the rest. */
const SERVER_URL = "^(redis|valkey)s?://[^/?#]+(/[0-9]*)?$";

const serverUrl = (description: string): PropertySchema => ({
  description,
  type: "string",
  pattern: SERVER_URL,
  examples: ["redis://localhost:6379"],
});

const file = (description: string): PropertySchema => ({ description, type: "string" });

/**
 * JSON Schema of the key `shared`: a server behind the memory. The rules that two keys share are
 * checked by `sharedConfigProblems`.
 */
export const SHARED_SCHEMA = {
  description:
    "Valkey or Redis (6.2 or later) holds the entries, shared by all processes that use it, and the memory is a near cache of at most maxBytes in front of it. Unset: the memory of this process holds the entries.",
  type: "object",
  additionalProperties: false,
  oneOf: [{ required: ["url"] }, { required: ["cluster"] }, { required: ["sentinel"] }],
  properties: {
    url: serverUrl(
      "One server: redis://host:port/database, or rediss:// for TLS. valkey:// and valkeys:// mean the same. The URL may hold a user name and a password.",
    ),
    cluster: {
      description: "A cluster: the URLs of one or more of its nodes, which name the others.",
      type: "array",
      minItems: 1,
      items: serverUrl("A node of the cluster."),
    },
    sentinel: {
      description: "A primary that Sentinel watches.",
      type: "object",
      additionalProperties: false,
      required: ["name", "nodes"],
      properties: {
        name: { description: "The name of the primary, as the sentinels know it.", type: "string" },
        nodes: {
          description: "The URLs of one or more sentinels; their port is 26379 unless given.",
          type: "array",
          minItems: 1,
          items: serverUrl("A sentinel."),
        },
      },
    },
    username: { description: "The user name; unset: default.", type: "string" },
    password: { description: "The password.", type: "string" },
    passwordFile: file("A file that holds the password; it is read for each connection."),
    tls: {
      description: "Certificates for rediss:// and valkeys://, each a PEM file.",
      type: "object",
      additionalProperties: false,
      properties: {
        caFile: file("The authorities to trust instead of the system's."),
        certFile: file("The certificate of this client; needs keyFile."),
        keyFile: file("The key of that certificate."),
      },
    },
    keyPrefix: {
      description:
        "What all keys begin with on the server. Unset: the name of the cache and a colon.",
      type: "string",
    },
    timeoutMs: {
      description: "How long a call waits for the server before it fails with UNAVAILABLE.",
      type: "integer",
      minimum: 1,
      maximum: 600_000,
      default: 1000,
    },
    near: {
      description: "Whether this process keeps a near cache.",
      type: "boolean",
      default: true,
    },
    maxStaleMs: {
      description:
        "How old an outdated value can be that the near cache returns while the server is silent.",
      type: "integer",
      minimum: 100,
      maximum: 3_600_000,
      default: 5000,
    },
  },
} as const satisfies PropertySchema;
