/**
 * How many connections may wait until the server accepts them. It is more than the server
 * accepts at all, so that a client which connects while many others do is not refused: beyond
 * it, Linux refuses connections to a Unix socket with EAGAIN. The default of Node.js is 511; Bun
 * 1.4 allows 512, whatever it is asked for. The system lowers it to its own limit
 * (`net.core.somaxconn`).
 */
export const LISTEN_BACKLOG = 4_096;
