import { Option, type Command } from "commander";
import { LOG_FORMATS, LOG_LEVELS, type LogFormat, type LogLevel } from "../../standalone/log.js";
import { addCacheFlags, type CacheFlags } from "../cache-flags.js";
import { addControlFlags, type ControlFlags } from "../control/control-flags.js";
import { TOKEN_VARIABLE } from "./relay-token.js";

/** The flags of `serve`. */
export interface ServeFlags extends CacheFlags, ControlFlags {
  readonly control?: boolean;
  readonly listen?: readonly string[];
  readonly bind?: readonly string[];
  readonly token?: string;
  readonly tokenFile?: string;
  readonly insecureNoToken?: boolean;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsClientCa?: string;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
}

/** Adds the flags in {@link ServeFlags} to a command. */
export function addServeFlags(command: Command): Command {
  addCacheFlags(
    command
      .option(
        "--listen <address>",
        "unix:///path, tcp://host:port or tls://host:port; port 0 selects a free port; " +
          "repeatable (default: a private Unix socket)",
        collect,
      )
      .option(
        "--bind <name[=address]>",
        "a separate cache for this binding, optionally at its own address; repeatable",
        collect,
      ),
  );
  return addControlFlags(command)
    .option("--control", "serve Control on TCP as well: time, faults, entries and calls")
    .option("--token <token>", "token that clients must send; visible to other users in ps")
    .option("--token-file <file>", `file that contains the token; or set ${TOKEN_VARIABLE}`)
    .option("--insecure-no-token", "permit addresses that other machines can use without a token")
    .option("--tls-cert <file>", "certificate of the server for tls:// addresses, PEM file")
    .option("--tls-key <file>", "private key of that certificate, PEM file")
    .option("--tls-client-ca <file>", "require client certificates signed by this CA, PEM file")
    .addOption(
      new Option("--log-level <level>", "least severe level to log on stderr")
        .choices(LOG_LEVELS)
        .default("info"),
    )
    .addOption(
      new Option("--log-format <format>", "format of the log: lines of text, or of JSON")
        .choices(LOG_FORMATS)
        .default("text"),
    );
}

function collect(value: string, values: readonly string[] = []): readonly string[] {
  return [...values, value];
}
