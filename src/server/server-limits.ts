/** Every bound that a server sets on what its clients may do. */
export interface ServerLimits {
  /** The largest request message, in bytes. */
  readonly maxRequestBytes: number;
  /** How long a closing server waits for calls in flight, in milliseconds. */
  readonly drainMs: number;
}

/** The limits of a server that was told nothing else, each with its reason. */
export const DEFAULT_SERVER_LIMITS: ServerLimits = {
  // The host sends requests of any size; well above gRPC's usual 4 MiB, yet bounded.
  maxRequestBytes: 64 * 1024 * 1024,
  // The host kills 2 s after SIGTERM.
  drainMs: 1_000,
};
