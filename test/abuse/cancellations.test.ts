import { setImmediate as nextTurn } from "node:timers/promises";
import * as grpc from "@grpc/grpc-js";
import { expect, onTestFinished, test } from "vitest";
import { expectUnharmed, startBystander } from "./support/bystander.js";
import { atScale, waysAtScale } from "./support/scale.js";
import { startVictim } from "./support/victim.js";

const CANCELLATIONS = atScale({ full: 5_000, quick: 1_500 });

/** Of as many calls that start together, one is not cancelled. */
const GROUP = 10;

/** A Get of the key `a`. */
const REQUEST = Buffer.from([0x0a, 1, 97]);

const asBytes = (bytes: Buffer): Buffer => bytes;

/** Starts a Get; gives a way to cancel it, and the status with which it ends. */
function startGet(client: grpc.Client): { cancel: () => void; ended: Promise<number> } {
  let call: grpc.ClientUnaryCall | undefined;
  const ended = new Promise<number>((resolve) => {
    const path = "/gestalt.provider.v1.Cache/Get";
    call = client.makeUnaryRequest(path, asBytes, asBytes, REQUEST, (error) =>
      resolve(error?.code ?? grpc.status.OK),
    );
  });
  return { cancel: () => call?.cancel(), ended };
}

test.each(waysAtScale)(
  "%s: calls that share a connection with cancelled calls receive replies",
  { timeout: 30_000 },
  async (way) => {
    const victim = await startVictim(way);
    const bystander = await startBystander(victim.target);
    const client = new grpc.Client(victim.target, grpc.credentials.createInsecure(), {
      "grpc.use_local_subchannel_pool": 1,
    });
    onTestFinished(() => client.close());
    expect(await startGet(client).ended).toBe(grpc.status.OK);

    const cancelled = new Map<number, number>();
    const others = new Map<number, number>();
    const count = (counts: Map<number, number>, status: number): void =>
      void counts.set(status, (counts.get(status) ?? 0) + 1);
    let left = CANCELLATIONS;
    while (left > 0) {
      const kept = startGet(client);
      const group = Array.from({ length: GROUP - 1 }, () => startGet(client));
      // Long enough for the requests to be on their way, too short for the answers.
      await nextTurn();
      for (const { cancel } of group) cancel();
      count(others, await kept.ended);
      for (const { ended } of group) count(cancelled, await ended);
      left = CANCELLATIONS - (cancelled.get(grpc.status.CANCELLED) ?? 0);
    }
    expect([...others.keys()]).toEqual([grpc.status.OK]);
    expect(new Set(cancelled.keys())).toEqual(new Set([grpc.status.CANCELLED]));
    await expectUnharmed(bystander);
    expect(victim.complaints()).toBe("");
  },
);
