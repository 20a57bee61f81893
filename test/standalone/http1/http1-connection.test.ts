import { EventEmitter } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { expect, test } from "vitest";
import { DEFAULT_SERVER_LIMITS } from "../../../src/server/limits/server-limits.js";
import { Http1Connection } from "../../../src/standalone/http1/http1-connection.js";

const { readStallTimeoutMs, writeStallTimeoutMs, handshakeTimeoutMs } = DEFAULT_SERVER_LIMITS;

/** A connection whose client, clock and answers are the test's. */
class Rig {
  nowMs = 0;
  readonly socket = {
    bytesRead: 0,
    bytesWritten: 0,
    writableLength: 0,
    writable: true,
    written: "",
    isOver: false,
    write(text: string) {
      this.written += text;
    },
    destroySoon() {
      this.isOver = true;
    },
  };
  readonly request = { complete: false };
  readonly response = Object.assign(new EventEmitter(), {
    headersSent: false,
    shouldKeepAlive: true,
  });
  readonly connection = new Http1Connection(
    this.socket as unknown as Socket,
    DEFAULT_SERVER_LIMITS,
    () => this.nowMs,
  );

  begin(): void {
    this.connection.begin(
      this.request as unknown as IncomingMessage,
      this.response as unknown as ServerResponse,
    );
  }

  /** Looks at the clock every half a second for a time. */
  wait(ms: number): void {
    for (const endMs = this.nowMs + ms; this.nowMs < endMs;) {
      this.nowMs += 500;
      this.connection.check(this.nowMs);
    }
  }
}

test("a slow request with progress may continue, and one without is closed", () => {
  const rig = new Rig();
  rig.begin();
  for (let second = 0; second < 60; second++) {
    rig.socket.bytesRead += 1_024;
    rig.wait(readStallTimeoutMs - 1_000);
  }
  expect(rig.socket.isOver).toBe(false);
  for (let second = 0; second * 1_000 <= readStallTimeoutMs; second++) {
    rig.socket.bytesRead += 50;
    rig.wait(1_000);
  }
  expect(rig.socket.isOver).toBe(true);
  expect(rig.socket.written).toMatch(/^HTTP\/1\.1 408 /);
});

test("an unread reply is cut off after writeStallTimeoutMs", () => {
  const rig = new Rig();
  rig.begin();
  rig.request.complete = true;
  rig.response.headersSent = true;
  rig.socket.bytesRead = 100;
  rig.socket.writableLength = 1_000_000;
  rig.wait(writeStallTimeoutMs - 500);
  expect(rig.socket.isOver).toBe(false);
  rig.wait(500);
  expect([rig.socket.isOver, rig.socket.written]).toEqual([true, ""]);
});

test("a pending reply, and an idle stream, are not timed", () => {
  const rig = new Rig();
  rig.begin();
  rig.request.complete = true;
  rig.wait(3_600_000);
  rig.response.headersSent = true;
  rig.wait(3_600_000);
  expect(rig.socket.isOver).toBe(false);
});

test("an idle connection is closed, counted from its last response", () => {
  const rig = new Rig();
  rig.wait(handshakeTimeoutMs - 500);
  rig.begin();
  rig.request.complete = true;
  rig.wait(60_000);
  rig.response.emit("close");
  expect(rig.connection.unusedMs()).toBe(0);
  rig.wait(handshakeTimeoutMs - 500);
  expect(rig.socket.isOver).toBe(false);
  rig.wait(500);
  expect([rig.socket.isOver, rig.socket.written]).toEqual([true, ""]);
});

test("a stalled request gives way after a second", () => {
  const rig = new Rig();
  rig.begin();
  rig.nowMs += 999;
  expect(rig.connection.unusedMs()).toBeUndefined();
  rig.nowMs += 1;
  expect(rig.connection.unusedMs()).toBe(1_000);
  // Now it is the server's turn.
  rig.request.complete = true;
  expect(rig.connection.unusedMs()).toBeUndefined();
  rig.socket.writableLength = 1;
  expect(rig.connection.unusedMs()).toBe(1_000);
});

test("a closing connection completes its requests, and closes", () => {
  const rig = new Rig();
  rig.begin();
  rig.connection.close();
  expect([rig.socket.isOver, rig.response.shouldKeepAlive]).toEqual([false, false]);
  rig.response.emit("close");
  expect(rig.socket.isOver).toBe(true);
});
