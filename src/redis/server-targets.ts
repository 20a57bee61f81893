import { readFileSync } from "node:fs";
import { CacheError } from "../contract/cache-error.js";
import {
  parseServerUrl,
  SHARED_DEFAULTS,
  type ServerUrl,
  type SharedCacheConfig,
} from "../memory/config/shared-config.js";
import type { ServerTarget } from "./server-connection.js";

const DEFAULT_PORT = 6379;
const DEFAULT_SENTINEL_PORT = 26_379;

/** A server's address. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

/** The addresses that a configuration names: servers, or sentinels. */
export function addressesFrom({ url, cluster, sentinel }: SharedCacheConfig): ServerAddress[] {
  const texts = url === undefined ? (cluster ?? sentinel?.nodes ?? []) : [url];
  const defaultPort = sentinel === undefined ? DEFAULT_PORT : DEFAULT_SENTINEL_PORT;
  return texts.map((text) => {
    const { host, port = defaultPort } = serverFrom(text);
    return { host, port };
  });
}

/**
 * How to connect to a server that holds entries. Files are read anew for each connection, so a
 * changed password or certificate is used without a restart.
 *
 * @param trackedPrefix - the prefix of the keys to be told about; undefined for no near cache
 */
export function serverTarget(
  config: SharedCacheConfig,
  { host, port }: ServerAddress,
  trackedPrefix: string | undefined,
): ServerTarget {
  const { password, passwordFile, timeoutMs = SHARED_DEFAULTS.timeoutMs } = config;
  const url = config.url === undefined ? undefined : serverFrom(config.url);
  const fromFile = passwordFile === undefined ? undefined : readText(passwordFile).trim();
  return {
    host,
    port,
    tls: tlsFrom(config),
    username: url?.username ?? config.username,
    password: url?.password ?? password ?? fromFile,
    database: url?.database ?? 0,
    trackedPrefix,
    timeoutMs,
  };
}

/** How to connect to a sentinel: with TLS as for the servers, without a password. */
export function sentinelTarget(
  config: SharedCacheConfig,
  { host, port }: ServerAddress,
): ServerTarget {
  const { timeoutMs = SHARED_DEFAULTS.timeoutMs } = config;
  const none = { username: undefined, password: undefined, trackedPrefix: undefined };
  return { host, port, tls: tlsFrom(config), database: 0, timeoutMs, ...none };
}

function tlsFrom({ url, cluster, sentinel, tls = {} }: SharedCacheConfig): ServerTarget["tls"] {
  const [first] = url === undefined ? (cluster ?? sentinel?.nodes ?? []) : [url];
  if (first === undefined || !serverFrom(first).isTls) return undefined;
  const { caFile, certFile, keyFile } = tls;
  return {
    ...(caFile === undefined ? {} : { ca: readText(caFile) }),
    ...(certFile === undefined ? {} : { cert: readText(certFile) }),
    ...(keyFile === undefined ? {} : { key: readText(keyFile) }),
  };
}

function serverFrom(text: string): ServerUrl {
  const server = parseServerUrl(text);
  if (server !== undefined) return server;
  throw new CacheError(
    "invalid_argument",
    "invalid config: /shared: must be a URL such as redis://localhost:6379",
  );
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code = "unknown reason" } = error as NodeJS.ErrnoException;
    throw new CacheError("unavailable", `cannot read ${path} (${code})`);
  }
}
