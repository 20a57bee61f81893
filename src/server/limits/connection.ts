import type { UnreadReplies } from "./unread-replies.js";

/** A connection of a client, of either version of HTTP. */
export interface Connection {
  readonly unreadReplies: UnreadReplies;
  /** True until the client has completed its handshake. */
  readonly isInHandshake: boolean;
  /** Counts a call that has begun. */
  callOpened(): void;
  /**
   * Counts a call whose stream is closed, and runs calls that waited for its reply.
   *
   * @param replyBytes - what the call counted in {@link unreadReplies}
   * @param isReset - whether the client reset the call
   */
  callClosed(replyBytes: number, isReset: boolean): void;
  /**
   * Returns for how many milliseconds the connection has had no call, or its client has sent
   * nothing in the middle of a call; undefined for a connection in use.
   */
  unusedMs(): number | undefined;
  /**
   * Closes the connection if one of its timeouts has passed.
   *
   * @param nowMs - the time on the clock of the server's calls
   * @param isCrowded - whether most of the allowed connections exist, so that dead ones must
   *   be found soon
   */
  check(nowMs: number, isCrowded: boolean): void;
  /** Accepts no more calls. The connection closes when its calls are complete. */
  close(): void;
  /** Closes the connection at once. The last frames may still be sent. */
  destroy(): void;
  /** Closes the socket, and drops what is not sent yet. */
  destroySocket(): void;
}

/**
 * The time in milliseconds for which a client with open calls must have been silent before its
 * connection may be closed in favour of a new one.
 */
export const MIN_SILENCE_MS = 1_000;
