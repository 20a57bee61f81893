import { gzipSync } from "node:zlib";
import type { OutgoingHttpHeaders } from "node:http2";
import { describe, expect, test } from "vitest";
import { until } from "../support/child-process.js";
import { expectMedianBelow } from "../support/median.js";
import { frame } from "../support/raw-http2.js";
import { residentBytes } from "../../bench/process/resident-memory.js";
import { expectUnharmed, startBystander } from "./support/bystander.js";
import { call, cacheHeaders, openSession, outcomeOf } from "./support/plain-call.js";
import type { Outcome } from "./support/plain-call.js";
import { atScale } from "./support/scale.js";
import { startVictim, WAYS, type Victim, type Way } from "./support/victim.js";

const MIB = 2 ** 20;

/** How long a refusal may take, and how much memory it may cost. */
const REFUSAL_MS = 100;
const COST_BYTES = 32 * MIB;

/** 1.6 GiB of zeros in 1.6 MB: a gzip file may consist of many, one after another. */
const bomb = Buffer.concat(Array<Buffer>(100).fill(gzipSync(Buffer.alloc(16 * MIB))));

const UNIMPLEMENTED = "12";
const INTERNAL = "13";
const RESOURCE_EXHAUSTED = "8";

interface Attack {
  readonly headers?: OutgoingHttpHeaders;
  readonly body: Buffer;
  /** Whether the client goes on to say nothing instead of ending its request. */
  readonly isOpen?: boolean;
  readonly status: string;
}

const SET = "/gestalt.provider.v1.Cache/Set";
const HUGE = 0xffff_ffff;

const ATTACKS: Readonly<Record<string, Attack>> = {
  "gRPC, gzip": {
    headers: { "grpc-encoding": "gzip" },
    body: frame(bomb, 1),
    status: RESOURCE_EXHAUSTED,
  },
  "gRPC, an encoding nobody knows": {
    headers: { "grpc-encoding": "x-bomb" },
    body: frame(bomb, 1),
    status: UNIMPLEMENTED,
  },
  "gRPC, compressed without saying how": { body: frame(bomb, 1), status: INTERNAL },
  "gRPC-Web, gzip": {
    headers: { "content-type": "application/grpc-web+proto", "grpc-encoding": "gzip" },
    body: frame(bomb, 1),
    status: RESOURCE_EXHAUSTED,
  },
  "gRPC as JSON, gzip": {
    headers: { "content-type": "application/grpc+json", "grpc-encoding": "gzip" },
    body: frame(bomb, 1),
    status: RESOURCE_EXHAUSTED,
  },
  "Connect, gzip": {
    headers: { "content-type": "application/proto", "content-encoding": "gzip" },
    body: bomb,
    status: "http 429",
  },
  "gRPC, 4 GiB declared": {
    body: frame(Buffer.alloc(9), 0, HUGE),
    isOpen: true,
    status: RESOURCE_EXHAUSTED,
  },
  "gRPC, one byte too many declared": {
    body: frame(Buffer.alloc(9), 0, 64 * MIB + 1),
    isOpen: true,
    status: RESOURCE_EXHAUSTED,
  },
  "gRPC-Web, 4 GiB declared": {
    headers: { "content-type": "application/grpc-web+proto" },
    body: frame(Buffer.alloc(9), 0, HUGE),
    isOpen: true,
    status: RESOURCE_EXHAUSTED,
  },
  "Connect, 4 GiB declared": {
    headers: { "content-type": "application/proto", "content-length": String(HUGE) },
    body: Buffer.alloc(9),
    isOpen: true,
    status: "http 429",
  },
};

async function strike(victim: Victim, attack: Attack): Promise<Outcome> {
  const session = await openSession(victim.connect());
  const headers = { ...cacheHeaders("Set"), ":path": SET, ...attack.headers };
  if (attack.isOpen !== true) return call(session, headers, attack.body);
  const stream = session.request(headers);
  stream.write(attack.body);
  return outcomeOf(stream);
}

/** An ordinary call of every kind, so that no attack pays for code that is loaded when needed. */
async function loadEverything(victim: Victim): Promise<void> {
  const session = await openSession(victim.connect());
  const key = gzipSync(Buffer.from([0x0a, 1, 97]));
  for (const { headers } of Object.values(ATTACKS)) {
    const isWhole = headers?.["content-encoding"] !== undefined;
    const body = isWhole ? key : frame(Buffer.alloc(0));
    await call(
      session,
      { ...cacheHeaders("Get"), ...headers, "content-length": body.length },
      body,
    );
  }
}

/** With HTTP/2 alone, and where other protocols are detected first. */
const ATTACKED = atScale<readonly Way[]>({ full: WAYS, quick: ["under the host", "serve tcp"] });

describe.each(ATTACKED)("%s", (way) => {
  test("messages that inflate or claim to be huge are refused at once", async () => {
    const victim = await startVictim(way);
    const bystander = await startBystander(victim.target);
    await loadEverything(victim);
    const idleBytes = residentBytes(victim.pid);
    for (const [name, attack] of Object.entries(ATTACKS)) {
      await expectMedianBelow(REFUSAL_MS, async () => {
        const { status, message, afterMs } = await strike(victim, attack);
        expect(`${name}: ${status}`, message).toBe(`${name}: ${attack.status}`);
        return afterMs;
      });
      expect(residentBytes(victim.pid) - idleBytes, name).toBeLessThan(COST_BYTES);
    }
    await expectUnharmed(bystander);
    expect(victim.complaints()).toBe("");
  });
});

/** Each of these stays below what one message may be; all of them together do not. */
test("messages of an allowed size that never end are bounded together", async () => {
  const victim = await startVictim();
  const bystander = await startBystander(victim.target);
  const idleBytes = residentBytes(victim.pid);
  const almost = frame(Buffer.alloc(48 * MIB), 0, 60 * MIB);
  const types = ["application/grpc", "application/grpc-web+proto", "application/proto"];
  const outcomes: Outcome[] = [];
  for (let index = 0; index < 12; index++) {
    const session = await openSession(victim.connect());
    const stream = session.request({
      ...cacheHeaders("Set"),
      "content-type": types[index % types.length],
    });
    void outcomeOf(stream).then((outcome) => outcomes.push(outcome));
    stream.write(almost);
  }
  // One of them may be the one for which there is room.
  await until(() => outcomes.length >= 11, {
    withinMs: 12_000,
    what: () => JSON.stringify(outcomes),
  });
  const grownMiB = Math.round((residentBytes(victim.pid) - idleBytes) / MIB);
  expect(grownMiB).toBeLessThan(150);
  await expectUnharmed(bystander);
});
