import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import type { Environment } from "../../client/binding-environment.js";
import { systemErrorReason } from "../system-error-reason.js";
import { shellWord } from "../shell-word.js";
import { UsageError } from "../usage-error.js";

/** The variable with the token of a server that no flag gave one. */
export const TOKEN_VARIABLE = "GESTALT_CACHE_TOKEN";

/** Room for any token there is; headers have a limit of their own. */
const MAX_LENGTH = 4_096;

/** Others than the owner and the group can read the file. */
const WORLD_READABLE = 0o004;

/** A token, and what its user should know of where it came from. */
export interface RelayToken {
  readonly text: string;
  /** A word of a shell that stands for the token; shows it only if the command line did. */
  readonly shellWord: string;
  /** What is wrong with how it is kept; undefined when nothing is. */
  readonly warning?: string;
}

/**
 * The token that clients must send: from a flag, a file or the environment, in this
 * order. White space around it does not count.
 *
 * @returns undefined when none was given
 * @throws UsageError when both flags are there, or the token is none that a header
 *   can carry; Error naming the file when it cannot be read
 */
export function relayTokenFrom(
  flags: { readonly token?: string; readonly tokenFile?: string },
  environment: Environment,
): RelayToken | undefined {
  const { token, tokenFile } = flags;
  if (token !== undefined && tokenFile !== undefined) {
    throw new UsageError("--token and --token-file both give the token; use one");
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
  const warning = `everyone on this machine can read the token in ${path}; chmod 600 it`;
  return {
    text: checked(content, `--token-file ${path}`),
    // Others may read it in another directory.
    shellWord: `"$(cat ${shellWord(resolve(path))})"`,
    ...((mode & WORLD_READABLE) === 0 ? {} : { warning }),
  };
}

/** A token that no header could carry would lock everyone out. Never shown in errors. */
function checked(given: string, source: string): string {
  const token = given.trim();
  if (token === "") throw new UsageError(`${source}: the token is empty`);
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new UsageError(`${source}: a token is one word of printable ASCII characters`);
  }
  if (token.length > MAX_LENGTH) {
    throw new UsageError(
      `${source}: the token has ${token.length} characters, the limit is ${MAX_LENGTH}`,
    );
  }
  return token;
}
