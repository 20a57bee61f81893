import type { CacheCase } from "./cache-case.js";
import type { Load, LoadGenerator, LoadResult } from "./load-generator.js";

/** The shape of a load: how many connections, and calls in flight on each. */
export interface LoadShape {
  readonly connections: number;
  readonly streams: number;
}

/** Calls a lane that the first, tiny run makes, to have an idea of the speed. */
const PROBE_CALLS_PER_LANE = 8;

/** Calls a connection that every run makes at least, so that opening it is a small part. */
const MIN_CALLS_PER_CONNECTION = 20;

/**
 * Puts one case on one server for about as long as wanted each time. The runs
 * that find out how many calls that is also warm the server up.
 */
export class CalibratedLoad {
  readonly #generator: LoadGenerator;
  readonly #load: Load;
  readonly #replyBytes: number;
  readonly #seconds: number;
  #callsPerSecond = 0;

  /** @param replyBytes - of one right answer; more or fewer mean that not all were right */
  constructor(
    generator: LoadGenerator,
    socketPath: string,
    { timed }: CacheCase,
    shape: LoadShape,
    options: { readonly replyBytes: number; readonly seconds: number; readonly timed?: boolean },
  ) {
    this.#generator = generator;
    const calls = shape.connections * shape.streams * PROBE_CALLS_PER_LANE;
    const { path, frame } = timed;
    this.#load = { socketPath, path, frame, ...shape, calls, timed: options.timed ?? false };
    this.#replyBytes = options.replyBytes;
    this.#seconds = options.seconds;
  }

  /** Not counted: brings the server to its usual speed and measures that. */
  async warmUp(): Promise<void> {
    this.#callsPerSecond = (await this.#run(this.#load.calls)).callsPerSecond;
    this.#callsPerSecond = (await this.run()).callsPerSecond;
  }

  /** Calls in one run. */
  get calls(): number {
    const { connections, streams } = this.#load;
    const least = connections * Math.max(streams, MIN_CALLS_PER_CONNECTION);
    return Math.max(least, Math.round(this.#callsPerSecond * this.#seconds));
  }

  /** One measured run. */
  run(): Promise<LoadResult> {
    return this.#run(this.calls);
  }

  async #run(calls: number): Promise<LoadResult> {
    const result = await this.#generator.run({ ...this.#load, calls });
    if (result.replyBytes !== calls * this.#replyBytes) {
      throw new Error(
        `${this.#load.path}: ${result.replyBytes} bytes of replies to ${calls} calls, ` +
          `${this.#replyBytes} each expected`,
      );
    }
    return result;
  }
}
