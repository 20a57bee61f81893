/** Every bound that a server sets on what its clients may do. */
export interface ServerLimits {
  /** Connections; one more ends the one that has been idle the longest. */
  readonly maxConnections: number;
  /** How long a connection may say nothing at all in HTTP/2, in milliseconds. */
  readonly muteMs: number;
  /** How long a connection may be without calls, in milliseconds. */
  readonly idleMs: number;
  /** How long a connection may be quiet before it is asked for a sign of life, in milliseconds. */
  readonly quietMs: number;
  /** How long a client may take to give one, in milliseconds. */
  readonly signOfLifeMs: number;
  /** Calls under way on one connection; a client lets more wait at its side. */
  readonly maxConcurrentStreams: number;
  /** Bytes of one request's headers, as HTTP/2 counts them. */
  readonly maxHeaderBytes: number;
  /** The largest request message, in bytes. */
  readonly maxRequestBytes: number;
  /** The largest that Connect reads (JSON, gRPC-Web, compressed), in bytes, decompressed. */
  readonly maxConnectRequestBytes: number;
  /** Bytes that all requests being read and all replies not yet taken may hold. */
  readonly maxBytesInFlight: number;
  /** Bytes that small replies may hold beyond {@link maxBytesInFlight}. */
  readonly smallReplyReserveBytes: number;
  /** Bytes of untaken replies from which on a connection's further calls wait. */
  readonly connectionReplyBytes: number;
  /** Calls under way, of all connections; one more ends the oldest. */
  readonly maxCalls: number;
  /** How long a request may come without moving, in milliseconds. */
  readonly stalledMs: number;
  /** How long a client may take to take a reply, in milliseconds. */
  readonly untakenMs: number;
  /** How often calls and connections are looked at, in milliseconds. */
  readonly sweepMs: number;
  /** How long a closing server waits for calls in flight, in milliseconds. */
  readonly drainMs: number;
}

const MIB = 1024 * 1024;

/** The limits of a server that was told nothing else, each with its reason. */
export const DEFAULT_SERVER_LIMITS: ServerLimits = {
  // Hundreds of test processes may share a server; each connection costs some 50 KiB.
  maxConnections: 1_024,
  // A client sends its preface with its first packet.
  muteMs: 5_000,
  // The host keeps connections for 30 minutes without calls; it must be the one to close.
  idleMs: 2 * 60 * 60 * 1000,
  // A client that has broken the protocol and hung up would otherwise stay until idleMs.
  quietMs: 15_000,
  // What gRPC implementations wait for the answer to their own keepalive.
  signOfLifeMs: 20_000,
  // gRPC's usual number; 20,000 half-open streams without it: 970 MB.
  maxConcurrentStreams: 128,
  // gRPC clients keep metadata below 8 KiB.
  maxHeaderBytes: 16 * 1024,
  // The host sends requests of any size; well above gRPC's usual 4 MiB, yet bounded.
  maxRequestBytes: 64 * MIB,
  // Read whole and decoded by reflection, which makes a hundred bytes of two; gRPC's usual 4 MiB.
  maxConnectRequestBytes: 4 * MIB,
  // Room for one request of the largest size; what an idle process may grow by.
  maxBytesInFlight: 64 * MIB,
  // A client that leaves 64 MiB of replies lying must not keep others from small answers.
  smallReplyReserveBytes: 16 * MIB,
  // Four of the largest replies: enough to keep a connection busy.
  connectionReplyBytes: 16 * MIB,
  // A stream costs about 5 KiB: 40 MiB.
  maxCalls: 8_192,
  // A request is sent in one go; half-open ones must be gone within 15 s.
  stalledMs: 10_000,
  // The longest deadline of the host's own calls.
  untakenMs: 30_000,
  sweepMs: 500,
  // The host kills 2 s after SIGTERM.
  drainMs: 1_000,
};
