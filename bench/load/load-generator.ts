/** A load for a server: the same call repeated. */
export interface Load {
  readonly socketPath: string;
  readonly path: string;
  /** The framed request, sent with every call. */
  readonly frame: Uint8Array;
  readonly connections: number;
  /** Calls in flight on each connection; a new one starts when one ends. */
  readonly streams: number;
  /** The total number of calls. */
  readonly calls: number;
  /** Whether to record the latency of each call. */
  readonly timed: boolean;
}

/** The result of a load, all of whose calls succeeded. */
export interface LoadResult {
  readonly callsPerSecond: number;
  /** The total size of the reply bodies, in bytes. */
  readonly replyBytes: number;
  /** The latency of each call in milliseconds, ascending; empty unless requested. */
  readonly latenciesMs: Float64Array;
}

/** A program that loads a server, in a separate process. */
export interface LoadGenerator {
  /** Name and version, for the report. */
  readonly name: string;
  /** Advice for the reader; may be empty. */
  readonly advice: string;
  /** @throws Error when a call fails */
  run(load: Load): Promise<LoadResult>;
}
