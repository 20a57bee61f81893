/**
 * The limits of one server. They bound what its clients can make it hold, and how long they
 * can make it wait. Times are in milliseconds, sizes in bytes.
 */
export interface ServerLimits {
  /** Connections. One more closes the connection that has been idle or silent the longest. */
  readonly maxConnections: number;
  /** The time that a client has to complete its handshake (HTTP/2: to send SETTINGS). */
  readonly handshakeTimeoutMs: number;
  /** The time after which a connection without calls is closed. */
  readonly maxConnectionIdleMs: number;
  /** The time without calls after which the server sends a keepalive PING. */
  readonly keepaliveIntervalMs: number;
  /** The time that a client has to acknowledge a keepalive PING. */
  readonly keepaliveTimeoutMs: number;
  /** Concurrent calls on one connection. A client keeps further calls back. */
  readonly maxConcurrentStreams: number;
  /** The headers of one request, counted as HTTP/2 counts them. */
  readonly maxHeaderBytes: number;
  /** The largest request message. */
  readonly maxRequestBytes: number;
  /** The largest request message that Connect reads (JSON, gRPC-Web, compressed), decompressed. */
  readonly maxConnectRequestBytes: number;
  /** The bytes of all requests that are being read and of all replies that are not yet read. */
  readonly maxBytesInFlight: number;
  /** The bytes that small replies may hold beyond {@link maxBytesInFlight}. */
  readonly smallReplyReserveBytes: number;
  /** The bytes of unread replies at which further calls on a connection wait. */
  readonly maxUnreadReplyBytes: number;
  /** Concurrent calls on all connections. One more ends the oldest call. */
  readonly maxConcurrentCalls: number;
  /** The time after which a call fails whose request makes no progress. */
  readonly readStallTimeoutMs: number;
  /** The time that a client has to read a reply. */
  readonly writeStallTimeoutMs: number;
  /** The interval at which deadlines and timeouts are checked. */
  readonly sweepIntervalMs: number;
  /** The time that a closing server gives calls in flight. */
  readonly drainTimeoutMs: number;
}

const MIB = 1024 * 1024;

/** The default of each limit, with its reason. */
export const DEFAULT_SERVER_LIMITS: ServerLimits = {
  // Hundreds of test processes may share a server; each connection costs some 50 KiB.
  maxConnections: 1_024,
  // A client sends its preface with its first packet.
  handshakeTimeoutMs: 5_000,
  // The host keeps connections for 30 minutes without calls; it must be the one to close.
  maxConnectionIdleMs: 2 * 60 * 60 * 1000,
  // Node does not notice that a client hangs up after it has broken the protocol.
  keepaliveIntervalMs: 15_000,
  // gRPC's default keepalive timeout.
  keepaliveTimeoutMs: 20_000,
  // Common among gRPC servers; without it, 20,000 half-open streams cost 970 MB.
  maxConcurrentStreams: 128,
  // gRPC clients keep metadata below 8 KiB.
  maxHeaderBytes: 16 * 1024,
  // The host sends requests of any size; this is well above gRPC's default of 4 MiB.
  maxRequestBytes: 64 * MIB,
  // gRPC's default: reflection decodes two bytes of a message to a hundred bytes of memory.
  maxConnectRequestBytes: 4 * MIB,
  // One request of the largest size; an idle process may grow by this much.
  maxBytesInFlight: 64 * MIB,
  // A client that leaves 64 MiB of replies unread must not block small replies to others.
  smallReplyReserveBytes: 16 * MIB,
  // Four replies of the largest size keep a connection busy.
  maxUnreadReplyBytes: 4 * MIB,
  // A stream costs about 5 KiB: 40 MiB.
  maxConcurrentCalls: 8_192,
  // A client sends a request in one go; half-open requests must end within 15 s.
  readStallTimeoutMs: 10_000,
  // The longest deadline of the host's own calls.
  writeStallTimeoutMs: 30_000,
  sweepIntervalMs: 500,
  // The host sends SIGKILL 2 s after SIGTERM.
  drainTimeoutMs: 1_000,
};
