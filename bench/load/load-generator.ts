/** A load to put on a server: the same call over and over. */
export interface Load {
  readonly socketPath: string;
  readonly path: string;
  /** The framed request, sent with every call. */
  readonly frame: Uint8Array;
  readonly connections: number;
  /** Calls in flight on each connection; a new one starts when one ends. */
  readonly streams: number;
  /** Calls in all. */
  readonly calls: number;
  /** Whether to note how long each call took. */
  readonly timed: boolean;
}

/** How a load went. All its calls succeeded. */
export interface LoadResult {
  readonly callsPerSecond: number;
  /** Bytes of reply bodies in all. */
  readonly replyBytes: number;
  /** How long each call took, in milliseconds, ascending; none unless asked for. */
  readonly latenciesMs: Float64Array;
}

/** Something that can put a load on a server, from a process of its own. */
export interface LoadGenerator {
  /** Name and version, for the report. */
  readonly name: string;
  /** What the reader should know of it or do about it; may be empty. */
  readonly advice: string;
  /** @throws Error when a call fails */
  run(load: Load): Promise<LoadResult>;
}
