import { InvalidArgumentError, type Command } from "commander";
import { CACHE_TARGET_FORMS, parseCacheTarget } from "../../client/cache-target.js";
import type { ConformanceSubject } from "../../conformance/subject.js";
import { commandSubject } from "../../conformance/subjects/command-subject.js";
import { targetSubject } from "../../conformance/subjects/target-subject.js";
import { CacheError } from "../../contract/cache-error.js";
import { RELAY_TOKEN_HEADER } from "../../rpc/host-headers.js";
import { readFile } from "../client/cache-connection.js";
import { UsageError } from "../usage-error.js";

/** The flags that say what is tested. */
export interface SubjectFlags {
  readonly target?: string;
  readonly tokenFile?: string;
  readonly tlsCa?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Gives a command the flags in {@link SubjectFlags}. */
export function addSubjectFlags(command: Command): Command {
  return command
    .option("--target <target>", `a provider that is already running: ${CACHE_TARGET_FORMS}`)
    .option("--token-file <file>", "file with the token that the target requires")
    .option("--tls-ca <file>", "certificates to trust for a tls:// target, PEM")
    .option("--env <name=value>", "a variable for the command; may be repeated", addVariable);
}

/**
 * What the flags and the words after them name.
 *
 * @throws UsageError when it is not exactly one target or command
 */
export function subjectFromFlags(
  [command, ...args]: readonly string[],
  { target, tokenFile, tlsCa, env = {} }: SubjectFlags,
): ConformanceSubject {
  if (target === undefined) {
    if (command === undefined) throw new UsageError("specify --target, or a command after --");
    if (tokenFile !== undefined || tlsCa !== undefined) {
      throw new UsageError("--token-file and --tls-ca require --target");
    }
    return commandSubject({ command, args, env });
  }
  if (command !== undefined) throw new UsageError("specify either --target or a command, not both");
  if (Object.keys(env).length > 0) throw new UsageError("--env requires a command");
  try {
    return targetSubject(parseCacheTarget(target, "--target"), {
      ...(tlsCa === undefined ? {} : { tls: { ca: readFile(tlsCa) } }),
      ...(tokenFile === undefined
        ? {}
        : { headers: { [RELAY_TOKEN_HEADER]: readFile(tokenFile).toString("utf8").trim() } }),
    });
  } catch (error) {
    throw error instanceof CacheError ? new UsageError(error.message) : error;
  }
}

function addVariable(
  text: string,
  variables: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> {
  const [name = "", ...value] = text.split("=");
  if (name === "" || value.length === 0) throw new InvalidArgumentError("Use NAME=value.");
  return { ...variables, [name]: value.join("=") };
}
