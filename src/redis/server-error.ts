import { CacheError } from "../contract/cache-error.js";

/** A command that has no reply, because its connection was lost or was never made. */
export class ConnectionLostError extends CacheError {
  /** @param wasSent - whether the server may have carried out the command */
  constructor(
    message: string,
    readonly wasSent: boolean,
  ) {
    super("unavailable", message);
  }
}

/** The first word of a server's error, such as `OOM`; the rest may quote keys and values. */
export function errorWord(error: unknown): string {
  const message = error instanceof Error ? error.message : "";
  return /^[A-Z][A-Z0-9]*(?= |$)/.exec(message)?.[0] ?? "";
}

/** True for errors whose text comes from a server. */
function isServerError(error: unknown): boolean {
  return (
    error instanceof Error && /^(Error|Simple|Blob)(Reply|Error)$/.test(error.constructor.name)
  );
}

const OTHER_TYPE = "the shared cache holds a value of another type under this key";
const NOT_NOW = "the server of the shared cache cannot carry out the command now";

const REPLIES: Readonly<Record<string, readonly [CacheError["code"], string]>> = {
  OOM: [
    "resource_exhausted",
    "the server of the shared cache has no memory left (maxmemory); " +
      "give it more, or set its maxmemory-policy to allkeys-lru",
  ],
  WRONGTYPE: ["failed_precondition", OTHER_TYPE],
  NOPERM: ["failed_precondition", "the user of the shared cache lacks a permission on its server"],
  NOAUTH: ["failed_precondition", "the server of the shared cache requires a password"],
};

/** Errors that pass: the server is loading, has lost its primary, or is another one's replica. */
const PASSING = new Set([
  "READONLY",
  "LOADING",
  "MASTERDOWN",
  "CLUSTERDOWN",
  "TRYAGAIN",
  "BUSY",
  "MISCONF",
  "NOREPLICAS",
  "MOVED",
  "ASK",
]);

/**
 * What the caller of the cache reads of a failed command. Of the server's own text only the first
 * word is used, since the rest may quote arguments of the command.
 */
export function errorFromReply(error: unknown): Error {
  if (error instanceof CacheError) return error;
  const word = errorWord(error);
  const known = Object.hasOwn(REPLIES, word) ? REPLIES[word] : undefined;
  if (known !== undefined) return new CacheError(known[0], `${known[1]} (${word})`);
  if (PASSING.has(word)) return new CacheError("unavailable", `${NOT_NOW} (${word})`);
  return new Error(`the server of the shared cache refused a command (${word || "no reason"})`);
}

/** Why a connection could not be made, without anything that its handshake sent. */
export function connectionProblem(error: unknown): string {
  if (error instanceof CacheError) return error.message;
  const { code, message } = error as NodeJS.ErrnoException;
  if (typeof code === "string") return message.includes(code) ? message : `${message} (${code})`;
  switch (errorWord(error)) {
    case "WRONGPASS":
    case "NOAUTH":
      return "the server refuses the user name or the password";
    case "NOPERM":
      return "the user lacks a permission; the near cache needs client|tracking";
    case "ERR":
    case "NOPROTO":
      return (
        "the server refuses the handshake; it must be Redis 6.2 or later, or Valkey, " +
        "and support RESP3 and CLIENT TRACKING (which near: false does without)"
      );
    case "":
      // Not a reply of a server: an error of the client or of this runtime.
      return isServerError(error) ? "the server refuses the handshake" : message;
    default:
      return `the server refuses the handshake (${errorWord(error)})`;
  }
}
