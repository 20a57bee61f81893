import { createGrpcClient, type GrpcClient } from "../../support/grpc-client.js";
import { createRandom, type Random } from "./random.js";

/** What may be in the cache under a key: the value last written, until its time is over. */
interface Written {
  readonly value: Buffer;
  /** When it is certainly gone, on `performance.now()`'s clock; Infinity for never. */
  readonly goneMs: number;
}

/** How many keys a client uses; together they are more than fits. */
const KEYS = 2_000;

/** How many calls a client makes at a time. */
const AT_ONCE = 8;

/** An entry is gone that long after its time at the latest: the answer may have been waiting. */
const LATE_MS = 1_000;

/**
 * A client with keys of its own, which it writes, reads, touches and deletes at
 * random on one connection, and holds every answer against what it has written.
 */
export class ChurningClient {
  /** Calls that have been answered. */
  calls = 0;
  /** One line for every answer that was wrong. */
  readonly problems: string[] = [];
  private readonly client: GrpcClient;
  private readonly random: Random;
  private readonly written = new Map<string, Written>();
  private isAbandoned = false;

  constructor(
    target: string,
    private readonly name: string,
    seed: number,
  ) {
    this.client = createGrpcClient(target, "Cache");
    this.random = createRandom(seed);
  }

  /** Makes so many calls; then hangs up, properly or in the middle of calls. */
  async run(calls: number): Promise<void> {
    let left = calls;
    const work = async (lane: number): Promise<void> => {
      while (left-- > 0 && !this.isAbandoned) await this.step(lane);
    };
    const lanes = Array.from({ length: AT_ONCE }, (_, lane) => work(lane));
    if (this.random.below(5) === 0) {
      await lanes[0];
      this.isAbandoned = true;
    } else {
      await Promise.all(lanes);
    }
    this.client.close();
    await Promise.all(lanes);
  }

  /** One call; lanes have keys of their own, so that calls at the same time do not meet. */
  private async step(lane: number): Promise<void> {
    const key = `${this.name}:${lane}:${this.random.below(KEYS / AT_ONCE)}`;
    const kind = this.random.below(20);
    if (kind < 8) await this.set(key);
    else if (kind < 15) await this.get(key);
    else if (kind < 16) await this.setMany(lane);
    else if (kind < 18) await this.touch(key);
    else await this.delete(key);
  }

  private async set(key: string): Promise<void> {
    const value = this.value(key);
    const ttlMs = this.random.pick([0, 0, 20, 500, 60_000]);
    this.written.delete(key);
    if (await this.call("Set", { key, value, ...ttlField(ttlMs) })) this.note(key, value, ttlMs);
  }

  private async setMany(lane: number): Promise<void> {
    const entries = Array.from({ length: 20 }, () => {
      const key = `${this.name}:${lane}:${this.random.below(KEYS / AT_ONCE)}`;
      return { key, value: this.value(key) };
    });
    for (const { key } of entries) this.written.delete(key);
    if (!(await this.call("SetMany", { entries, ...ttlField(5_000) }))) return;
    for (const { key, value } of entries) this.note(key, value, 5_000);
  }

  private async get(key: string): Promise<void> {
    const reply = await this.call("Get", { key });
    if (reply?.["found"] !== true) return;
    const written = this.written.get(key);
    if (written === undefined) this.problems.push(`${key}: found, and was not written`);
    else if (!written.value.equals(reply["value"] as Buffer)) {
      this.problems.push(`${key}: another value than was written`);
    } else if (performance.now() > written.goneMs)
      this.problems.push(`${key}: found after its time`);
  }

  private async touch(key: string): Promise<void> {
    const written = this.written.get(key);
    const reply = await this.call("Touch", { key, ...ttlField(1_000) });
    if (reply?.["touched"] !== true) return;
    if (written === undefined) this.problems.push(`${key}: touched, and was not written`);
    else this.note(key, written.value, 1_000);
  }

  private async delete(key: string): Promise<void> {
    const wasWritten = this.written.has(key);
    const reply = await this.call("Delete", { key });
    if (reply === undefined) return;
    if (reply["deleted"] === true && !wasWritten) {
      this.problems.push(`${key}: deleted, and was not written`);
    }
    this.written.delete(key);
  }

  private async call(
    method: string,
    request: object,
  ): Promise<Record<string, unknown> | undefined> {
    const { code, details, reply } = await this.client.call(method, request);
    if (this.isAbandoned) return undefined;
    this.calls++;
    if (code !== 0) this.problems.push(`${method}: ${code} ${details}`);
    return reply;
  }

  private note(key: string, value: Buffer, ttlMs: number): void {
    const goneMs = ttlMs === 0 ? Infinity : performance.now() + ttlMs + LATE_MS;
    this.written.set(key, { value, goneMs });
  }

  /** Mostly small, sometimes large; it tells whose it is and differs every time. */
  private value(key: string): Buffer {
    const text = `${key} ${this.random.below(2 ** 32)} `;
    const length = this.random.pick([0, 10, 100, 1_000, 1_000, 20_000, 200_000]);
    return Buffer.alloc(length, text);
  }
}

function ttlField(ttlMs: number): object {
  if (ttlMs === 0) return {};
  return { ttl: { seconds: Math.floor(ttlMs / 1000), nanos: (ttlMs % 1000) * 1e6 } };
}
