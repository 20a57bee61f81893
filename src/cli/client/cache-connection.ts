import { readFileSync } from "node:fs";
import { ConnectError } from "@connectrpc/connect";
import { Option, type Command } from "commander";
import {
  CACHE_SOCKET_VARIABLE,
  HOST_SERVICE_SOCKET_VARIABLE,
  type Environment,
} from "../../client/binding-environment.js";
import { CACHE_TARGET_FORMS } from "../../client/cache-target.js";
import { CacheChannel, DEFAULT_TIMEOUT_MS, type CacheOptions } from "../../client/cache-channel.js";
import { Cache } from "../../client/cache.js";
import { CacheError } from "../../contract/cache-error.js";
import { findDefaultSocketPath } from "../default-socket.js";
import { durationParser, MAX_TIMER_MS } from "../duration-flag.js";
import { ExitStatus } from "../exit-status.js";
import { PROGRAM_NAME } from "../program-name.js";
import { UsageError } from "../usage-error.js";
import { EXIT_FAILED, EXIT_NOTHING } from "./client-action.js";

/** Where a client command finds its cache. */
export interface ConnectionFlags {
  readonly bind?: string;
  readonly target?: string;
  readonly token?: string;
  readonly tokenFile?: string;
  readonly tlsCa?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly timeout: number;
}

/** What every client command says below its own examples. */
export const CONNECTION_HELP = `
Without --target the cache is found as a plugin finds it: in GESTALT_CACHE_SOCKET_<NAME>
for --bind NAME, else in GESTALT_CACHE_SOCKET, or in GESTALT_HOST_SERVICE_SOCKET. When none
of them is set, it is the one that ${PROGRAM_NAME} serve runs at its default address.

Exit code: 0, ${EXIT_NOTHING} when there was nothing to get, touch or delete, 2 for a command typed
wrongly, ${EXIT_FAILED} for any other failure: the cache cannot be reached or refuses, or the output
cannot be written.`;

/** Gives a command the flags in {@link ConnectionFlags}. */
export function addConnectionFlags(command: Command): Command {
  return command
    .option("--bind <name>", "the binding, where there are several")
    .option("--target <target>", CACHE_TARGET_FORMS)
    .option("--token <token>", "token that the server expects; other users may see it in ps")
    .option("--token-file <file>", "file with the token")
    .option("--tls-ca <file>", "certificates to trust for tls:// targets, PEM")
    .option("--tls-cert <file>", "certificate of this client, PEM")
    .option("--tls-key <file>", "key of that certificate, PEM")
    .addOption(
      new Option("--timeout <duration>", "longest wait for an answer; 0s for no limit")
        .argParser(durationParser({ minMs: 0, maxMs: MAX_TIMER_MS, example: "10s" }))
        .default(DEFAULT_TIMEOUT_MS, "10s"),
    );
}

/**
 * Opens the cache that the flags name, lets `use` work with it, and closes it.
 *
 * @throws UsageError for wrong flags; ExitStatus when no cache is found, or a call fails
 */
export async function withCache<T>(
  flags: ConnectionFlags,
  use: (cache: Cache) => Promise<T>,
): Promise<T> {
  const place = findPlace(flags);
  const cache = open(place, (options) => new Cache(flags.bind, options));
  try {
    return await use(cache);
  } catch (error) {
    throw withFlagNames(error, place);
  } finally {
    await cache.close();
  }
}

/** The same for other services of the server; `where` says for people where it is. */
export async function withChannel<T>(
  flags: ConnectionFlags,
  use: (channel: CacheChannel, where: string) => Promise<T>,
): Promise<T> {
  const place = findPlace(flags);
  const channel = open(place, (options) => new CacheChannel(flags.bind ?? "", options));
  const { target, source } = channel.place;
  try {
    return await use(channel, `${target} (${source === "target" ? place.source : source})`);
  } catch (error) {
    throw withFlagNames(error, place);
  } finally {
    channel.close();
  }
}

/** Where a command looks for its cache. */
interface Place {
  readonly options: CacheOptions;
  /** What named the target, when it was not the environment. */
  readonly source: string;
}

/** The target of the flags, or what the environment says, or the default of `serve`. */
function findPlace(flags: ConnectionFlags): Place {
  const options = optionsFrom(flags);
  if (options.target !== undefined) return { options, source: "--target" };
  const source = `the default address of ${PROGRAM_NAME} serve`;
  const target = namesSocket(process.env) ? undefined : findDefaultSocketPath(process.env);
  return { options: target === undefined ? options : { ...options, target }, source };
}

/** Whoever set one of the variables means this cache, and no other. */
function namesSocket(environment: Environment): boolean {
  return Object.entries(environment).some(
    ([name, value]) =>
      (name.startsWith(CACHE_SOCKET_VARIABLE) || name === HOST_SERVICE_SOCKET_VARIABLE) &&
      !name.endsWith("_TOKEN") &&
      value?.trim(),
  );
}

function optionsFrom(flags: ConnectionFlags): CacheOptions {
  const { target, token, tokenFile, tlsCa, tlsCert, tlsKey, timeout } = flags;
  if (token !== undefined && tokenFile !== undefined) {
    throw new UsageError("--token and --token-file exclude each other");
  }
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    throw new UsageError("--tls-cert and --tls-key belong together");
  }
  const tls = {
    ...fileOption("ca", tlsCa),
    ...fileOption("cert", tlsCert),
    ...fileOption("key", tlsKey),
  };
  return {
    timeoutMs: timeout,
    ...(target === undefined ? {} : { target }),
    ...tokenOption(token, "--token"),
    ...(tokenFile === undefined
      ? {}
      : tokenOption(readFile(tokenFile).toString("utf8"), `--token-file ${tokenFile}`)),
    ...(Object.keys(tls).length === 0 ? {} : { tls }),
  };
}

/** Checked here, since an error of HTTP would show the token. */
function tokenOption(given: string | undefined, source: string): { token?: string } {
  if (given === undefined) return {};
  const token = given.trim();
  if (/^[\x20-\x7e]*$/.test(token)) return { token };
  throw new UsageError(`${source}: a token has printable ASCII characters only`);
}

function fileOption(name: string, path: string | undefined): Record<string, Buffer> {
  return path === undefined ? {} : { [name]: readFile(path) };
}

/**
 * Reads a file that a flag names.
 *
 * @throws UsageError when it cannot be read
 */
export function readFile(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`cannot read ${path}: ${reason}`);
  }
}

/** A wrong target is a wrong flag when a flag named it. */
function open<T>({ options }: Place, create: (options: CacheOptions) => T): T {
  try {
    return create(options);
  } catch (error) {
    if (!(error instanceof CacheError)) throw error;
    if (error.message.startsWith("target:")) throw new UsageError(`--${error.message}`);
    const message = namesSocket(process.env)
      ? `${error.message}; or say --target`
      : `${error.message}; or start ${PROGRAM_NAME} serve, which does not run at its default ` +
        "address yet; or say --target";
    throw new ExitStatus(EXIT_FAILED, message, { cause: error });
  }
}

/** What the client calls its options, people know as flags. */
function withFlagNames(error: unknown, { source }: Place): unknown {
  if (!(error instanceof ConnectError)) return error;
  const message = (error.rawMessage || error.message)
    .replace("(target):", `(${source}):`)
    .replace("the token option", "--token or --token-file")
    .replace("tls.ca", "--tls-ca");
  return new ExitStatus(EXIT_FAILED, message, { cause: error });
}
