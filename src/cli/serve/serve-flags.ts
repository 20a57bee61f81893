import { Option, type Command } from "commander";
import { LOG_FORMATS, LOG_LEVELS, type LogFormat, type LogLevel } from "../../standalone/log.js";
import { addCacheFlags, type CacheFlags } from "../cache-flags.js";
import { addControlFlags, type ControlFlags } from "../control/control-flags.js";
import { TOKEN_VARIABLE } from "./relay-token.js";

/** The flags of `serve`, as they were typed. */
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

/** Gives a command the flags in {@link ServeFlags}. */
export function addServeFlags(command: Command): Command {
  addCacheFlags(
    command
      .option(
        "--listen <address>",
        "unix:///path, tcp://host:port or tls://host:port; port 0 for any; " +
          "repeat for more (default: a private Unix socket)",
        collect,
      )
      .option(
        "--bind <name[=address]>",
        "a cache for this binding alone, with an address of its own if one is given; repeat for more",
        collect,
      ),
  );
  return addControlFlags(command)
    .option("--control", "offer Control on TCP as well: time, faults, entries and calls")
    .option("--token <text>", "what clients must send; others on this machine can read it in ps")
    .option("--token-file <file>", `the same in a file; or set ${TOKEN_VARIABLE}`)
    .option("--insecure-no-token", "let anyone who can connect from other machines use the caches")
    .option("--tls-cert <file>", "PEM certificate of the server, for tls:// addresses")
    .option("--tls-key <file>", "PEM key of that certificate")
    .option("--tls-client-ca <file>", "demand client certificates that this PEM authority signed")
    .addOption(
      new Option("--log-level <level>", "how much to log on stderr")
        .choices(LOG_LEVELS)
        .default("info"),
    )
    .addOption(
      new Option("--log-format <format>", "lines for people, or JSON objects for machines")
        .choices(LOG_FORMATS)
        .default("text"),
    );
}

function collect(value: string, values: readonly string[] = []): readonly string[] {
  return [...values, value];
}
