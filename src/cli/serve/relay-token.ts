import { readFileSync, statSync } from "node:fs";
import type { Environment } from "../../client/binding-environment.js";
import { absolutePath } from "../absolute-path.js";
import { systemErrorReason } from "../system-error-reason.js";
import { shellWord } from "../shell-word.js";
import { UsageError } from "../usage-error.js";

/** The variable with the token of the server; a flag takes precedence. */
export const TOKEN_VARIABLE = "GESTALT_CACHE_TOKEN";

/** In characters; the client has the same limit. */
const MAX_LENGTH = 4_096;

/** The mode bit of a file that every user can read. */
const WORLD_READABLE = 0o004;

/** A token and where it comes from. */
export interface RelayToken {
  readonly text: string;
  /** A shell word that evaluates to the token. It contains the token only if a flag gave it. */
  readonly shellWord: string;
  /** A warning about the file of the token; undefined when there is none. */
  readonly warning?: string;
}

/**
 * The token that clients must send. It comes from a flag, a file or the environment, in this
 * order. White space around it is removed.
 *
 * @returns undefined when no token is given
 * @throws UsageError for both flags, and for a token that cannot be sent as a header; Error that
 *   names the file when it cannot be read
 */
export function relayTokenFrom(
  flags: { readonly token?: string; readonly tokenFile?: string },
  environment: Environment,
): RelayToken | undefined {
  const { token, tokenFile } = flags;
  if (token !== undefined && tokenFile !== undefined) {
    throw new UsageError("use either --token or --token-file, not both");
  }
  if (token !== undefined) {
    const text = checked(token, "--token");
    return { text, shellWord: shellWord(text) };
  }
  if (tokenFile !== undefined) return tokenFromFile(tokenFile);
  const fromEnvironment = environment[TOKEN_VARIABLE];
  if (!fromEnvironment) return undefined;
  return { text: checked(fromEnvironment, TOKEN_VARIABLE), shellWord: `"$${TOKEN_VARIABLE}"` };
}

function tokenFromFile(path: string): RelayToken {
  let content: string;
  let mode: number;
  try {
    content = readFileSync(path, "utf8");
    ({ mode } = statSync(path));
  } catch (error) {
    throw new Error(`cannot read ${path}: ${systemErrorReason(error)}`, { cause: error });
  }
  const warning = `every user of this machine can read the token in ${path}; run: chmod 600 ${shellWord(path)}`;
  return {
    text: checked(content, `--token-file ${path}`),
    // Absolute, since a client may run in another directory.
    shellWord: `"$(cat ${shellWord(absolutePath(path))})"`,
    ...((mode & WORLD_READABLE) === 0 ? {} : { warning }),
  };
}

/** Checks that a token can be sent as a header. Errors do not show the token. */
function checked(given: string, source: string): string {
  const token = given.trim();
  if (token === "") throw new UsageError(`${source}: the token is empty`);
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new UsageError(`${source}: the token must be one word of printable ASCII characters`);
  }
  if (token.length > MAX_LENGTH) {
    throw new UsageError(
      `${source}: the token has ${token.length} characters, above the limit of ${MAX_LENGTH}`,
    );
  }
  return token;
}
