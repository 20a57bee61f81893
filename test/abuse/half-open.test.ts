import { performance } from "node:perf_hooks";
import { expect, test } from "vitest";
import { until } from "../support/child-process.js";
import { residentBytes } from "../../bench/process/resident-memory.js";
import { expectUnharmed, startBystander } from "./support/bystander.js";
import {
  encodeFrame,
  encodeHeaders,
  Flag,
  FrameType,
  grpcRequestFields,
} from "./support/http2-frames.js";
import { openGreeted, openRawConnection } from "./support/raw-connection.js";
import { waysAtScale } from "./support/scale.js";
import { startVictim, type Victim } from "./support/victim.js";

const MIB = 2 ** 20;

/** Half of the streams are on one connection, half on twenty. */
const STREAMS = [10_000, ...Array<number>(20).fill(500)];
const MUTE_CONNECTIONS = 500;
const MAX_BYTES = 150 * MIB;
const ALL_CLOSED_MS = 15_000;

/** A request that has begun to send its body and never goes on. */
const HEADERS = encodeHeaders(grpcRequestFields("/gestalt.provider.v1.Cache/Set"));
const HALF_A_BODY = Buffer.from([0, 0, 0, 1, 0, 10, 3, 97]);

/** Opens half-open streams on one connection; the set holds those that still live. */
async function openStreams(victim: Victim, count: number): Promise<ReadonlySet<number>> {
  const alive = new Set<number>();
  const connection = await openGreeted(victim.connect(), ({ type, flags, streamId }) => {
    const hasEndFlag = type === FrameType.headers || type === FrameType.data;
    const isEnd = hasEndFlag && (flags & Flag.endStream) !== 0;
    if (isEnd || type === FrameType.resetStream) alive.delete(streamId);
  });
  connection.socket.once("close", () => alive.clear());
  for (let index = 0; index < count && connection.closedMs === undefined; index++) {
    const streamId = 2 * index + 1;
    alive.add(streamId);
    const headers = encodeFrame(FrameType.headers, Flag.endHeaders, streamId, HEADERS);
    const body = encodeFrame(FrameType.data, 0, streamId, HALF_A_BODY);
    await connection.send(Buffer.concat([headers, body]));
  }
  return alive;
}

/** The most memory that a process has while `done` is still to come. */
async function peakResidentBytes(pid: number, done: Promise<void>): Promise<number> {
  let peak = 0;
  const look = (): void => void (peak = Math.max(peak, residentBytes(pid)));
  const looking = setInterval(look, 100);
  await done.finally(() => clearInterval(looking));
  look();
  return peak;
}

/** Opens everything and waits until the server has ended all of it. */
async function attack(victim: Victim): Promise<void> {
  const begunMs = performance.now();
  const mute = await Promise.all(
    Array.from({ length: MUTE_CONNECTIONS }, () => openRawConnection(victim.connect())),
  );
  const streams = await Promise.all(STREAMS.map((count) => openStreams(victim, count)));
  const openStreamCount = (): number => streams.reduce((sum, { size }) => sum + size, 0);
  const muteCount = (): number => mute.filter(({ closedMs }) => closedMs === undefined).length;
  await until(() => openStreamCount() + muteCount() === 0, {
    withinMs: ALL_CLOSED_MS - (performance.now() - begunMs),
    what: () => `${openStreamCount()} streams and ${muteCount()} mute connections are left`,
  });
}

test.each(waysAtScale)(
  "%s: half-open streams and silent connections take little memory and all end",
  { timeout: 30_000 },
  async (way) => {
    const victim = await startVictim(way);
    const bystander = await startBystander(victim.target);
    expect(await peakResidentBytes(victim.pid, attack(victim))).toBeLessThan(MAX_BYTES);
    await expectUnharmed(bystander);
    expect(victim.complaints()).toBe("");
  },
);
