import type { OperationCounts } from "../memory/statistics.js";
import { NEVER_EXPIRES } from "../contract/ttl.js";
import type { NearCache, PendingOperation } from "./near-cache.js";
import type { Command, Reply } from "./server-connection.js";
import { ConnectionLostError, errorWord } from "./server-error.js";
import type { ServerGroup } from "./server-group.js";

/** What {@link ServerOperations} works with. */
export interface ServerOperationsOptions {
  readonly group: ServerGroup;
  /** Undefined for a cache without a near cache. */
  readonly near: NearCache | undefined;
  /** What keys begin with on the server. */
  readonly prefix: string;
  /** Where to count what the server replies. */
  readonly counts: OperationCounts;
}

/**
 * The operations on the keys of a server. Each one reports to the near cache when it begins and how
 * it ends, so that a reply which an invalidation has overtaken is not kept. None has a timeout.
 */
export class ServerOperations {
  readonly #group: ServerGroup;
  readonly #near: NearCache | undefined;
  readonly #prefix: string;
  readonly #counts: OperationCounts;

  constructor({ group, near, prefix, counts }: ServerOperationsOptions) {
    this.#group = group;
    this.#near = near;
    this.#prefix = prefix;
    this.#counts = counts;
  }

  /** Reads a key. A read that lost its connection is repeated once. */
  async read(key: string, mayRepeat = true): Promise<Uint8Array | undefined> {
    const serverKey = this.#prefix + key;
    const operation = this.#near?.beginRead(serverKey);
    let entering: Uint8Array | undefined;
    let ttlMs = NEVER_EXPIRES;
    try {
      const commands: Command[] = [["GET", serverKey]];
      if (operation !== undefined) commands.push(["PTTL", serverKey]);
      const [reply, ttlReply] = await this.#group.run(serverKey, commands);
      const value = bytesFrom(reply);
      if (value === undefined) {
        this.#counts.misses++;
        return undefined;
      }
      this.#counts.hits++;
      // -1 is the reply for a key without a TTL, -2 for one that expired meanwhile.
      ttlMs = ttlReply === -1 ? NEVER_EXPIRES : Number(ttlReply);
      if (ttlReply === -1 || ttlMs > 0) entering = value;
      return value;
    } catch (error) {
      if (!mayRepeat || !(error instanceof ConnectionLostError)) throw error;
    } finally {
      this.#end(operation, entering, ttlMs);
    }
    return this.read(key, false);
  }

  /** Reads keys with one command for all that the server allows; one promise for each key. */
  readTogether(
    wave: readonly (readonly [key: string, index: number])[],
  ): Promise<Uint8Array | undefined>[] {
    const groups = new Map<number, string[]>();
    const places = wave.map(([key]) => {
      const group = this.#group.groupOf(this.#prefix + key);
      const keys = groups.get(group) ?? [];
      groups.set(group, keys);
      return [group, keys.push(key) - 1] as const;
    });
    const reads = new Map<number, Promise<readonly (Uint8Array | undefined)[]>>();
    for (const [group, keys] of groups) reads.set(group, this.#readAll(keys));
    return places.map(async ([group, at]) => (await reads.get(group))?.[at]);
  }

  async #readAll(keys: readonly string[]): Promise<readonly (Uint8Array | undefined)[]> {
    const [first = ""] = keys;
    if (keys.length === 1) return [await this.read(first)];
    const serverKeys = keys.map((key) => this.#prefix + key);
    const operations = serverKeys.map((key) => this.#near?.beginRead(key));
    let values: readonly (Uint8Array | undefined)[] = [];
    let ttls: readonly (Reply | undefined)[] = [];
    try {
      const commands: Command[] = [["MGET", ...serverKeys]];
      if (this.#near !== undefined) commands.push(...serverKeys.map((key) => ["PTTL", key]));
      const [replies, ...ttlReplies] = await this.#group.run(this.#prefix + first, commands);
      values = Array.isArray(replies) ? (replies as readonly Reply[]).map(bytesFrom) : [];
      ttls = ttlReplies;
    } catch (error) {
      // One by one: after a lost connection, and while a cluster moves only some of the keys.
      const isTemporary = error instanceof ConnectionLostError || errorWord(error) === "TRYAGAIN";
      if (!isTemporary) throw error;
      return await Promise.all(keys.map((key) => this.read(key, false)));
    } finally {
      for (const [at, operation] of operations.entries()) {
        const ttl = ttls[at];
        const isLive = ttl === -1 || Number(ttl) > 0;
        const entering = isLive ? values[at] : undefined;
        this.#end(operation, entering, ttl === -1 ? NEVER_EXPIRES : Number(ttl));
      }
    }
    const found = values.filter((value) => value !== undefined).length;
    this.#counts.hits += found;
    this.#counts.misses += keys.length - found;
    return values;
  }

  /** Writes a key; never repeated, since a failed write may have been carried out. */
  async write(key: string, value: Uint8Array, ttlMs: number): Promise<void> {
    const serverKey = this.#prefix + key;
    // A copy: the command may wait for longer than the caller does.
    const bytes = Buffer.from(value);
    const operation = this.#near?.beginWrite(serverKey);
    let entering: Uint8Array | undefined;
    try {
      const expiry = ttlMs === NEVER_EXPIRES ? [] : ["PX", String(ttlMs)];
      await this.#group.run(serverKey, [["SET", serverKey, bytes, ...expiry]], bytes.length);
      entering = bytes;
      this.#counts.sets++;
    } finally {
      this.#end(operation, entering, ttlMs);
    }
  }

  /** Removes a key; true only if it was live. */
  async remove(key: string): Promise<boolean> {
    const serverKey = this.#prefix + key;
    const operation = this.#near?.beginWrite(serverKey);
    try {
      const [removed] = await this.#group.run(serverKey, [["UNLINK", serverKey]]);
      if (removed === 1) this.#counts.deletes++;
      return removed === 1;
    } finally {
      this.#end(operation);
    }
  }

  /** Gives a live key a new TTL; false for a missing key. */
  async touch(key: string, ttlMs: number): Promise<boolean> {
    const serverKey = this.#prefix + key;
    const isNear = this.#near?.get(serverKey) !== undefined;
    const operation = this.#near?.beginWrite(serverKey);
    let entering: Uint8Array | undefined;
    try {
      // GETEX also returns the value. The near cache needs it: a write of another process shortly
      // before is not reported when this connection's own command comes right after it. And it is
      // the one command that removes a TTL and says whether the key is there.
      const expiry = ttlMs === NEVER_EXPIRES ? ["PERSIST"] : ["PX", String(ttlMs)];
      const command: Command =
        isNear || ttlMs === NEVER_EXPIRES
          ? ["GETEX", serverKey, ...expiry]
          : ["PEXPIRE", serverKey, String(ttlMs)];
      const [reply] = await this.#group.run(serverKey, [command]);
      if (isNear) entering = bytesFrom(reply);
      const isLive = reply !== null && reply !== 0;
      if (isLive) this.#counts.touches++;
      return isLive;
    } finally {
      this.#end(operation, entering, ttlMs);
    }
  }

  #end(operation: PendingOperation | undefined, value?: Uint8Array, ttlMs?: number): void {
    if (operation !== undefined) this.#near?.end(operation, value, ttlMs);
  }
}

/** A value of the server, as a view; undefined for a missing key. */
function bytesFrom(reply: Reply | undefined): Uint8Array | undefined {
  if (!Buffer.isBuffer(reply)) return undefined;
  return new Uint8Array(reply.buffer, reply.byteOffset, reply.length);
}
