import { readFileSync } from "node:fs";
import type { SchemaProblem } from "./schema-problems.js";
import { SHARED_SCHEMA } from "./shared-schema.js";

/** The key `shared` of a configuration, valid by its schema. Times are in milliseconds. */
export interface SharedCacheConfig {
  readonly url?: string;
  readonly cluster?: readonly string[];
  readonly sentinel?: { readonly name: string; readonly nodes: readonly string[] };
  readonly username?: string;
  readonly password?: string;
  readonly passwordFile?: string;
  readonly tls?: {
    readonly caFile?: string;
    readonly certFile?: string;
    readonly keyFile?: string;
  };
  readonly keyPrefix?: string;
  readonly timeoutMs?: number;
  readonly near?: boolean;
  readonly maxStaleMs?: number;
}

/** What is left out of a {@link SharedCacheConfig}. */
export const SHARED_DEFAULTS = {
  timeoutMs: SHARED_SCHEMA.properties.timeoutMs.default,
  near: SHARED_SCHEMA.properties.near.default,
  maxStaleMs: SHARED_SCHEMA.properties.maxStaleMs.default,
} as const;

/** A server as its URL describes it. */
export interface ServerUrl {
  readonly host: string;
  /** Undefined when the URL names none. */
  readonly port: number | undefined;
  readonly isTls: boolean;
  readonly database: number;
  readonly username: string | undefined;
  readonly password: string | undefined;
}

/** Reads the URL of a server; undefined for a text that is not a URL. */
export function parseServerUrl(text: string): ServerUrl | undefined {
  try {
    const { protocol, hostname, port, pathname, username, password } = new URL(text);
    return {
      host: hostname.replace(/^\[(.*)\]$/, "$1"),
      port: port === "" ? undefined : Number(port),
      isTls: protocol === "rediss:" || protocol === "valkeys:",
      database: Number(pathname.slice(1)),
      username: decodeURIComponent(username) || undefined,
      password: decodeURIComponent(password) || undefined,
    };
  } catch {
    return undefined;
  }
}

/**
 * What is wrong with a `shared` that is valid by its schema: rules that concern more than one key,
 * and files that cannot be read. No rule quotes a value, which may hold a password.
 */
export function sharedConfigProblems(shared: SharedCacheConfig): SchemaProblem[] {
  const { url, cluster, sentinel, username, password, passwordFile, tls } = shared;
  const named: [key: string, url: string][] = [
    ...(url === undefined ? [] : [["url", url] as [string, string]]),
    ...(cluster ?? []).map((node, at): [string, string] => [`cluster/${at}`, node]),
    ...(sentinel?.nodes ?? []).map((node, at): [string, string] => [`sentinel/nodes/${at}`, node]),
  ];
  const problems: SchemaProblem[] = [];
  const report = (key: string, rule: string): void => void problems.push({ key, rule });

  const servers = named.flatMap(([key, text]) => {
    const server = parseServerUrl(text);
    if (server === undefined) report(key, "must be a URL such as redis://localhost:6379");
    return server === undefined ? [] : [{ key, ...server }];
  });
  for (const { key, database, isTls, ...server } of servers) {
    const hasCredentials = server.username !== undefined || server.password !== undefined;
    if (key === "url") {
      const beside = username ?? password ?? passwordFile;
      if (hasCredentials && beside !== undefined) {
        report(key, "must have no user name and password when username or password is set");
      }
      continue;
    }
    if (hasCredentials) report(key, "must have no password; set username and password beside it");
    if (database !== 0) report(key, "must have no database");
    if (isTls !== servers[0]?.isTls) report(key, "must have the scheme of the other URLs");
  }
  if (password !== undefined && passwordFile !== undefined) {
    report("passwordFile", "must not be set together with password");
  }
  if (tls !== undefined && servers.some(({ isTls }) => !isTls)) {
    report("tls", "needs rediss:// or valkeys:// in the URL");
  }
  if ((tls?.certFile === undefined) !== (tls?.keyFile === undefined)) {
    report("tls", "must have certFile and keyFile together");
  }
  for (const [key, path] of Object.entries({ passwordFile, ...prefixed("tls/", tls) })) {
    const reason = path === undefined ? undefined : unreadableReason(path);
    if (reason !== undefined) report(key, `must be a file that can be read (${reason})`);
  }
  return problems.map(({ key, ...problem }) => ({ key: `shared/${key}`, ...problem }));
}

function prefixed(prefix: string, keys: object = {}): Record<string, string | undefined> {
  const entries = Object.entries(keys) as [string, string | undefined][];
  return Object.fromEntries(entries.map(([key, value]) => [prefix + key, value]));
}

function unreadableReason(path: string): string | undefined {
  try {
    readFileSync(path);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? "unknown reason";
  }
}
