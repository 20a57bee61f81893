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

/** The flags by which a client command finds its cache. */
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

/** The end of the help of every client command. */
export const CONNECTION_HELP = `

Without --target the environment gives the target, as for a plugin: the variable
GESTALT_CACHE_SOCKET_<NAME> with --bind NAME, otherwise GESTALT_CACHE_SOCKET, or
GESTALT_HOST_SERVICE_SOCKET. If none of them is set, the target is the default address
of ${PROGRAM_NAME} serve.

Exit code: 0 for success, ${EXIT_NOTHING} if there was nothing to get, touch or delete, 2 for a wrong
command line, ${EXIT_FAILED} for any other failure, such as a cache that cannot be reached.`;

/** Adds the flags in {@link ConnectionFlags} to a command. */
export function addConnectionFlags(command: Command): Command {
  return command
    .option("--bind <name>", "cache binding (default: the only one)")
    .option("--target <target>", `address of the cache: ${CACHE_TARGET_FORMS}`)
    .option("--token <token>", "token that the server expects; visible to other users in ps")
    .option("--token-file <file>", "file that contains the token")
    .option("--tls-ca <file>", "CA certificates to trust for tls:// targets, PEM file")
    .option("--tls-cert <file>", "certificate of this client, PEM file")
    .option("--tls-key <file>", "private key of that certificate, PEM file")
    .addOption(
      new Option("--timeout <duration>", "deadline of a call; 0s for no deadline")
        .argParser(durationParser({ minMs: 0, maxMs: MAX_TIMER_MS, example: "10s" }))
        .default(DEFAULT_TIMEOUT_MS, "10s"),
    );
}

/**
 * Opens the cache that the flags name, calls `use` with it, and closes it.
 *
 * @throws UsageError for wrong flags; ExitStatus when no cache is found or a call fails
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

/** Like {@link withCache}, for other services of the server. `where` names target and source. */
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
  /** The origin of the target, if it is not the environment. */
  readonly source: string;
}

/** Finds the target: that of the flags, that of the environment, or the default of `serve`. */
function findPlace(flags: ConnectionFlags): Place {
  const options = optionsFrom(flags);
  if (options.target !== undefined) return { options, source: "--target" };
  const source = `the default address of ${PROGRAM_NAME} serve`;
  const target = namesSocket(process.env) ? undefined : findDefaultSocketPath(process.env);
  return { options: target === undefined ? options : { ...options, target }, source };
}

/** True when a variable names a cache; the default address must not be used then. */
function namesSocket(environment: Environment): boolean {
  return Object.entries(environment).some(
    ([name, value]) =>
      (name === CACHE_SOCKET_VARIABLE ||
        name.startsWith(`${CACHE_SOCKET_VARIABLE}_`) ||
        name === HOST_SERVICE_SOCKET_VARIABLE) &&
      !name.endsWith("_TOKEN") &&
      value?.trim(),
  );
}

function optionsFrom(flags: ConnectionFlags): CacheOptions {
  const { target, token, tokenFile, tlsCa, tlsCert, tlsKey, timeout } = flags;
  if (token !== undefined && tokenFile !== undefined) {
    throw new UsageError("use either --token or --token-file, not both");
  }
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    throw new UsageError("--tls-cert and --tls-key must be given together");
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

/** Checks the token, since an error of the HTTP library would show it. */
function tokenOption(given: string | undefined, source: string): { token?: string } {
  if (given === undefined) return {};
  const token = given.trim();
  if (/^[\x20-\x7e]*$/.test(token)) return { token };
  throw new UsageError(`${source}: the token must contain only printable ASCII characters`);
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

/** Opens a place. A wrong target that a flag gives is a usage error. */
function open<T>({ options }: Place, create: (options: CacheOptions) => T): T {
  try {
    return create(options);
  } catch (error) {
    if (!(error instanceof CacheError)) throw error;
    if (error.message.startsWith("target:")) throw new UsageError(`--${error.message}`);
    const message = namesSocket(process.env)
      ? `${error.message}; or use --target`
      : `${error.message}; or start ${PROGRAM_NAME} serve, which is not running at its default ` +
        "address; or use --target";
    throw new ExitStatus(EXIT_FAILED, message, { cause: error });
  }
}

/** Replaces the names of the client's options in an error by those of the flags. */
function withFlagNames(error: unknown, { source }: Place): unknown {
  if (!(error instanceof ConnectError)) return error;
  const message = (error.rawMessage || error.message)
    .replace("(target):", `(${source}):`)
    .replace("the token option", "--token or --token-file")
    .replace("tls.ca", "--tls-ca");
  return new ExitStatus(EXIT_FAILED, message, { cause: error });
}
