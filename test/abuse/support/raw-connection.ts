import { once } from "node:events";
import type { Socket } from "node:net";
import { performance } from "node:perf_hooks";
import { onTestFinished } from "vitest";
import {
  decodeFrame,
  encodeFrame,
  FRAME_HEADER_BYTES,
  FrameType,
  PREFACE,
} from "./http2-frames.js";
import type { Frame } from "./http2-frames.js";

/** A connection on which a test says whatever it likes. */
export interface RawConnection {
  readonly socket: Socket;
  /** When the server closed it, on `performance.now()`'s clock; undefined while it is open. */
  readonly closedMs: number | undefined;
  /** How many frames of each type have come. */
  readonly received: ReadonlyMap<number, number>;
  /** Sends bytes, and waits when the server does not take them; ends at once when it has closed. */
  send(bytes: Uint8Array): Promise<void>;
}

/** Follows a socket; `onFrame` sees every frame that comes. */
export async function openRawConnection(
  socket: Socket,
  onFrame: (frame: Frame) => void = () => {},
): Promise<RawConnection> {
  const received = new Map<number, number>();
  let closedMs: number | undefined;
  let unread: Buffer = Buffer.alloc(0);
  socket.on("error", () => {});
  socket.on("data", (chunk: Buffer) => {
    unread = unread.length === 0 ? chunk : Buffer.concat([unread, chunk]);
    let frame = decodeFrame(unread);
    while (frame !== undefined) {
      unread = unread.subarray(FRAME_HEADER_BYTES + frame.payload.length);
      received.set(frame.type, (received.get(frame.type) ?? 0) + 1);
      onFrame(frame);
      frame = decodeFrame(unread);
    }
  });
  const closed = new Promise<void>((resolve) => {
    socket.once("close", () => {
      closedMs = performance.now();
      resolve();
    });
  });
  onTestFinished(() => void socket.destroy());
  if (socket.connecting) await once(socket, "connect");
  return {
    socket,
    received,
    get closedMs() {
      return closedMs;
    },
    async send(bytes) {
      if (socket.destroyed || socket.write(bytes)) return;
      await Promise.race([once(socket, "drain").catch(() => {}), closed]);
    },
  };
}

/** Opens a connection and greets as HTTP/2 clients do. */
export async function openGreeted(
  socket: Socket,
  onFrame?: (frame: Frame) => void,
): Promise<RawConnection> {
  const connection = await openRawConnection(socket, onFrame);
  await connection.send(Buffer.concat([PREFACE, encodeFrame(FrameType.settings, 0, 0)]));
  return connection;
}
