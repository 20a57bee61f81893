import type { ProviderConfig, ProviderUnderTest } from "../../src/conformance/case-context.js";
import { CacheError } from "../../src/contract/cache-error.js";
import type { Clock } from "../../src/contract/clock.js";

export interface ReferenceEntry {
  value: Uint8Array;
  /** The reading of the clock at which it is gone. */
  end: number;
}

interface SetOptions {
  readonly ttlMs?: number | undefined;
}

type KeyedBytes = Parameters<ProviderUnderTest["setMany"]>[0];

/**
 * A provider that keeps every promise, in small steps, each of which a wrong
 * provider replaces by a faulty one. Shares no code with the one in src/memory.
 */
export class ReferenceProvider implements ProviderUnderTest {
  protected entries = new Map<string, ReferenceEntry>();
  protected maxEntries = Infinity;
  protected maxBytes = 64 * 1024 * 1024;
  protected maxEntryBytes = 4_194_000;

  constructor(protected readonly clock: Clock) {}

  configureProvider(_name: string, config: ProviderConfig): void {
    const { maxEntries = Infinity, maxBytes = this.maxBytes } = config;
    this.maxEntries = Number(maxEntries);
    this.maxBytes = Number(maxBytes);
  }

  closeProvider(): void {
    this.entries.clear();
  }

  get(key: string): Uint8Array | undefined {
    const entry = this.live(key);
    if (entry) this.use(key, entry);
    return entry && this.copyOut(entry.value);
  }

  getMany(keys: readonly string[]): Record<string, Uint8Array> {
    const found = this.emptyRecord();
    for (const key of keys) {
      const value = this.get(key);
      if (value) found[key] = value;
    }
    return found;
  }

  set(key: string, value: Uint8Array, options?: SetOptions): void {
    this.store(key, this.copyIn(value), this.ttlOf(options?.ttlMs));
  }

  setMany(entries: KeyedBytes, options?: SetOptions): void {
    const ttlMs = this.ttlOf(options?.ttlMs);
    for (const [index, { key, value }] of entries.entries()) {
      try {
        this.store(key, this.copyIn(value), ttlMs);
      } catch (error) {
        const where = `entry ${index + 1} of ${entries.length} (key ${key})`;
        throw new CacheError("resource_exhausted", `${where}: ${(error as Error).message}`);
      }
    }
  }

  delete(key: string): boolean {
    return this.live(key) !== undefined && this.entries.delete(key);
  }

  deleteMany(keys: readonly string[]): number {
    return keys.filter((key) => this.delete(key)).length;
  }

  touch(key: string, ttlMs?: number): boolean {
    const end = this.endOf(this.ttlOf(ttlMs));
    const entry = this.live(key);
    if (!entry) return false;
    entry.end = end;
    this.use(key, entry);
    return true;
  }

  protected live(key: string): ReferenceEntry | undefined {
    const entry = this.entries.get(key);
    return entry && this.clock.now() < entry.end ? entry : undefined;
  }

  /** Map keeps the order of insertion, so the first entry is the least recently used. */
  protected use(key: string, entry: ReferenceEntry): void {
    this.entries.delete(key);
    this.entries.set(key, entry);
  }

  /** 0 for never. */
  protected ttlOf(ttlMs = 0): number {
    if (ttlMs < 0) throw new CacheError("invalid_argument", "ttl must be >= 0");
    return Math.ceil(ttlMs);
  }

  protected endOf(ttlMs: number): number {
    return ttlMs === 0 ? Infinity : this.clock.now() + ttlMs;
  }

  protected store(key: string, value: Uint8Array, ttlMs: number): void {
    this.checkSize(key, value);
    this.use(key, { value, end: this.endOf(ttlMs) });
    this.makeRoom();
  }

  protected checkSize(key: string, value: Uint8Array): void {
    const { byteLength: size } = value;
    if (size <= this.maxEntryBytes) return;
    const message = `entry ${JSON.stringify(key)} has ${size} bytes, at most ${this.maxEntryBytes}`;
    throw new CacheError("resource_exhausted", message);
  }

  protected makeRoom(): void {
    for (const key of this.entries.keys()) if (!this.live(key)) this.entries.delete(key);
    for (const key of this.entries.keys()) {
      if (this.entries.size <= this.maxEntries && this.bytes() <= this.maxBytes) return;
      this.entries.delete(key);
    }
  }

  protected bytes(): number {
    let bytes = 0;
    for (const { value } of this.entries.values()) bytes += value.byteLength;
    return bytes;
  }

  protected copyIn(value: Uint8Array): Uint8Array {
    return Uint8Array.from(value);
  }

  protected copyOut(value: Uint8Array): Uint8Array {
    return Uint8Array.from(value);
  }

  protected emptyRecord(): Record<string, Uint8Array> {
    return Object.create(null) as Record<string, Uint8Array>;
  }
}
