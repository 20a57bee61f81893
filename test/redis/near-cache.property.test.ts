import fc from "fast-check";
import { expect, test } from "vitest";
import { parseMemoryCacheConfig } from "../../src/memory/config/memory-cache-config.js";
import { NearCache, type PendingOperation } from "../../src/redis/near-cache.js";
import { bytes } from "./support/caches.js";

const KEY = "k";
const CONFIG = parseMemoryCacheConfig({ maxBytes: "1MiB" });

/** A command of this process that the server has not carried out yet. */
interface Sent {
  readonly operation: PendingOperation;
  readonly kind: "read" | "write" | "touch" | "delete";
}

/** What a server has sent and this process has not received. */
type Message =
  | { readonly invalidated: number }
  | { readonly operation: PendingOperation; readonly version?: number; readonly isWrite: boolean };

/**
 * A cluster of two servers with one key, which moves between them, the near cache's connection to
 * each, and other clients. The value of the key is its version. As Redis does with BCAST and NOLOOP,
 * a server sends an invalidation at the end of a cycle, and none when the last write of the cycle
 * came over the connection itself. Messages of one connection arrive in order.
 */
class Simulation {
  readonly near = new NearCache(CONFIG, 1000, { now: () => 1 });
  #version = 1;
  #isPresent = true;
  #owner: 0 | 1 = 0;
  #lastWriter: "own" | "other" | undefined;
  #sent: Sent[] = [];
  readonly #messages: [Message[], Message[]] = [[], []];
  /** No read may return an older version. */
  #oldest = 0;

  constructor() {
    this.near.enable();
  }

  send(kind: Sent["kind"]): void {
    const operation = kind === "read" ? this.near.beginRead(KEY) : this.near.beginWrite(KEY);
    this.#sent.push({ kind, operation });
  }

  /** In any order: redirections can change it. */
  execute(at: number): void {
    const [sent] = this.#sent.splice(at % Math.max(1, this.#sent.length), 1);
    if (sent === undefined) return;
    const { kind, operation } = sent;
    if (kind === "write" || kind === "delete") {
      this.#version++;
      this.#isPresent = kind === "write";
    }
    if (kind !== "read") this.#lastWriter = "own";
    const known = this.#isPresent ? { version: this.#version } : {};
    this.#messages[this.#owner].push({ operation, isWrite: kind !== "read", ...known });
  }

  otherWrites(isPresent: boolean): void {
    this.#version++;
    this.#isPresent = isPresent;
    this.#lastWriter = "other";
  }

  endCycle(): void {
    if (this.#lastWriter === "other") {
      this.#messages[this.#owner].push({ invalidated: this.#version });
    }
    this.#lastWriter = undefined;
  }

  /** The key is deleted on one server and written to the other, by neither connection. */
  move(): void {
    this.#lastWriter = "other";
    this.endCycle();
    this.#owner = this.#owner === 0 ? 1 : 0;
    this.#lastWriter = "other";
  }

  /** Messages that arrive together: code that awaits a reply runs after all of them were read. */
  deliver(from: 0 | 1, count: number): void {
    const replies: (() => void)[] = [];
    for (const message of this.#messages[from].splice(0, count)) {
      if ("invalidated" in message) {
        this.near.invalidate(KEY);
        this.#oldest = Math.max(this.#oldest, message.invalidated);
        continue;
      }
      const { operation, version, isWrite } = message;
      replies.push(() => {
        this.near.end(operation, version === undefined ? undefined : bytes(String(version)));
        if (isWrite) this.#oldest = Math.max(this.#oldest, version ?? 0);
      });
    }
    for (const reply of replies) reply();
  }

  /** Replies and invalidations of one connection are lost, and it is made again. */
  loseConnection(of: 0 | 1): void {
    this.near.disable();
    for (const message of this.#messages[of].splice(0)) {
      if ("operation" in message) this.near.end(message.operation);
    }
    if (of === this.#owner) this.#lastWriter = undefined;
    this.near.enable();
    this.#oldest = this.#version;
  }

  /** What holds at every moment. */
  check(): void {
    const value = this.near.get(KEY);
    if (value === undefined) return;
    expect(Number(new TextDecoder().decode(value))).toBeGreaterThanOrEqual(this.#oldest);
  }

  /** What holds when all is still: the near cache has the server's value or none. */
  checkSettled(): string {
    while (this.#sent.length > 0) this.execute(0);
    this.endCycle();
    this.deliver(0, Infinity);
    this.deliver(1, Infinity);
    const value = this.near.get(KEY);
    if (value === undefined) return "none";
    expect(this.#isPresent).toBe(true);
    expect(new TextDecoder().decode(value)).toBe(String(this.#version));
    return "current";
  }
}

type Step = (simulation: Simulation) => void;

const steps: readonly [weight: number, fc.Arbitrary<Step>][] = [
  [6, fc.constantFrom<Sent["kind"][]>("read", "read", "write", "touch", "delete").map(sending)],
  [
    6,
    fc.nat({ max: 3 }).map(
      (at): Step =>
        (simulation) =>
          simulation.execute(at),
    ),
  ],
  [
    3,
    fc.boolean().map(
      (stays): Step =>
        (simulation) =>
          simulation.otherWrites(stays),
    ),
  ],
  [4, fc.constant<Step>((simulation) => simulation.endCycle())],
  [
    4,
    fc.nat({ max: 4 }).map(
      (count): Step =>
        (simulation) =>
          simulation.deliver(0, count),
    ),
  ],
  [
    4,
    fc.nat({ max: 4 }).map(
      (count): Step =>
        (simulation) =>
          simulation.deliver(1, count),
    ),
  ],
  [2, fc.constant<Step>((simulation) => simulation.move())],
  [
    1,
    fc.constantFrom<(0 | 1)[]>(0, 1).map(
      (of): Step =>
        (simulation) =>
          simulation.loseConnection(of),
    ),
  ],
];
const step = fc.oneof(...steps.map(([weight, arbitrary]) => ({ weight, arbitrary })));

function sending(kind: Sent["kind"]): Step {
  return (simulation) => simulation.send(kind);
}

test("no order of commands, replies, invalidations and losses makes a near value outdated", () => {
  const outcomes = new Map<string, number>();
  const property = fc.property(fc.array(step, { maxLength: 30, size: "max" }), (taken) => {
    const simulation = new Simulation();
    for (const take of taken) {
      take(simulation);
      simulation.check();
    }
    const outcome = simulation.checkSettled();
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    simulation.near.close();
  });
  fc.assert(property, { numRuns: 10_000 });
  // Neither outcome is rare, so that the property is not true for nothing.
  expect(outcomes.get("current")).toBeGreaterThan(500);
  expect(outcomes.get("none")).toBeGreaterThan(500);
});

test("near values end when no PING was answered for maxStaleMs", () => {
  let nowMs = 1;
  const near = new NearCache(CONFIG, 1000, { now: () => nowMs });
  const put = (): void => near.end(near.beginWrite(KEY), bytes("1"));
  put();
  expect(near.get(KEY)).toBeUndefined();
  near.enable();
  put();
  nowMs = 1001;
  expect(near.get(KEY)).toEqual(bytes("1"));
  nowMs = 1002;
  expect(near.get(KEY)).toBeUndefined();
  near.renew(500);
  expect(near.get(KEY)).toEqual(bytes("1"));
  near.close();
});

test("a TTL runs from the start of the operation", () => {
  let nowMs = 1;
  const near = new NearCache(CONFIG, 60_000, { now: () => nowMs });
  near.enable();
  const read = near.beginRead(KEY);
  nowMs = 31;
  near.end(read, bytes("1"), 100);
  nowMs = 100;
  expect(near.get(KEY)).toEqual(bytes("1"));
  nowMs = 101;
  expect(near.get(KEY)).toBeUndefined();
  const late = near.beginRead(KEY);
  nowMs = 300;
  near.end(late, bytes("1"), 100);
  expect(near.get(KEY)).toBeUndefined();
  near.close();
});

test("other limits hold at once, also for a near cache without entries", () => {
  const near = new NearCache(CONFIG, 60_000, { now: () => 1 });
  near.enable();
  const early = near.beginRead("early");
  near.resize(parseMemoryCacheConfig({ maxBytes: "2MiB", maxEntries: 1 }));
  near.end(early, bytes("1"));
  expect(near.get("early")).toBeUndefined();
  for (const key of ["a", "b"]) near.end(near.beginRead(key), bytes("1"));
  const { entries, maxBytes } = near.statistics();
  expect({ entries, maxBytes }).toEqual({ entries: 1, maxBytes: 2 * 2 ** 20 });
  near.close();
});
