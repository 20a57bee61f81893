import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import {
  reducedEnvironment,
  startProcess,
  until,
  type ChildProcess,
} from "../support/child-process.js";
import { LOCKED_BUN } from "../support/compiled-executable.js";

/** How hosts of one age are called: a row of docs/using-with-gestaltd.md. */
export interface HostGeneration {
  readonly apiVersions: readonly string[];
  /** The commands that prepare what a configuration names. */
  readonly prepare: readonly (readonly string[])[];
  /** The command that starts every provider once. */
  readonly validate: readonly string[];
}

const WITH_INIT: HostGeneration = {
  apiVersions: ["gestaltd.config/v3", "gestaltd.config/v4"],
  prepare: [["init"]],
  validate: ["validate"],
};

const WITH_LOCK: HostGeneration = {
  apiVersions: ["gestaltd.config/v5"],
  prepare: [["lock"], ["sync", "--locked"]],
  validate: ["validate", "--runtime"],
};

const SERVE = ["serve", "--locked"];

/** A `gestaltd` and the directory that it works in. */
export class Host {
  readonly generation: HostGeneration;
  readonly #program: string;
  readonly #directory: string;

  constructor(program: string, directory: string) {
    this.#program = program;
    this.#directory = directory;
    // The help goes to standard error.
    const { stderr } = spawnSync(program, ["--help"], { encoding: "utf8" });
    this.generation = /^ +lock /m.test(stderr) ? WITH_LOCK : WITH_INIT;
  }

  /** Writes the configuration as gestalt.yaml and runs a command with it; returns its output. */
  async run(command: readonly string[], configuration: string): Promise<string> {
    const child = this.#start(command, configuration);
    const { code } = await child.ended;
    const output = child.stdout() + child.stderr();
    if (code !== 0) throw new Error(`${command.join(" ")} failed: ${output}`);
    return output;
  }

  /** Prepares what the configuration names, as the page says. */
  async prepare(configuration: string): Promise<void> {
    for (const command of this.generation.prepare) await this.run(command, configuration);
  }

  /** Serves the configuration; ready when the plugin answers. */
  async serve(configuration: string, command: readonly string[] = SERVE): Promise<RunningHost> {
    const port = await freePort();
    const listener = `  public:\n    host: 127.0.0.1\n    port: ${port}\n`;
    const child = this.#start(
      command,
      // The plugin reaches the cache through the host's own address, where hosts have a baseUrl.
      configuration.replace("server:\n", `$&${listener}`).replace(":8080", `:${port}`),
    );
    const output = (): string => child.stdout() + child.stderr();
    const isReady = (): boolean => output().includes("all providers ready");
    await until(() => isReady() || !child.isRunning(), { withinMs: 60_000, what: output });
    if (!child.isRunning()) throw new Error(output());
    return new RunningHost(child, port);
  }

  #start(command: readonly string[], configuration: string): ChildProcess {
    writeFileSync(join(this.#directory, "gestalt.yaml"), configuration);
    // A relative path, as people write it.
    const args = [...command, "--config", "gestalt.yaml"];
    return startProcess([this.#program, ...args], {
      cwd: this.#directory,
      env: {
        ...reducedEnvironment(),
        GESTALT_BUN: LOCKED_BUN,
        GESTALT_ENCRYPTION_KEY: "0123456789abcdef0123456789abcdef",
        GESTALT_TYPESCRIPT_SDK_DIR: "/nonexistent",
        // Nothing listens there: a host that installs or downloads something fails.
        BUN_CONFIG_REGISTRY: "http://127.0.0.1:1/",
        npm_config_registry: "http://127.0.0.1:1/",
      },
    });
  }
}

/** What the plugin read before and after it wrote a value. */
export interface RoundTrip {
  readonly before: string | null;
  readonly after: string | null;
}

/** A host that serves. */
export class RunningHost {
  readonly process: ChildProcess;
  readonly #port: number;

  constructor(process: ChildProcess, port: number) {
    this.process = process;
    this.#port = port;
  }

  /** Has the plugin write a value into its cache and read it back. */
  async roundTrip(key: string, value: string): Promise<RoundTrip> {
    const url = `http://127.0.0.1:${this.#port}/api/v1/visits/roundtrip`;
    const body = JSON.stringify({ binding: "session", key, value });
    const headers = { "content-type": "application/json" };
    const reply = await fetch(url, { method: "POST", headers, body });
    const text = await reply.text();
    if (!reply.ok) throw new Error(`${reply.status}: ${text}\n${this.process.stdout()}`);
    return JSON.parse(text) as RoundTrip;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
