import { ReferenceProvider, type ReferenceEntry } from "./reference-provider.js";
import type { Fault } from "./fault.js";

type Options = Parameters<ReferenceProvider["set"]>[2];
type KeyedBytes = Parameters<ReferenceProvider["setMany"]>[0];
type Construct = typeof ReferenceProvider;

/** A provider in process that breaks one sentence, and the cases that must notice. */
export type ObjectFault = Fault & {
  readonly provider: Construct;
};

const MEBIBYTE = 1024 * 1024;

/** Wrong providers in process. All cases that they can be put to are run against each. */
export const OBJECT_FAULTS: readonly ObjectFault[] = [
  {
    fault: "finds nothing",
    provider: class extends ReferenceProvider {
      override get(): undefined {
        return undefined;
      }
    },
    failsAtLeast: ["get/finds-exact-copy", "get/reads-again"],
  },
  {
    fault: "finds an empty value under every key",
    provider: class extends ReferenceProvider {
      override get(key: string): Uint8Array {
        return super.get(key) ?? new Uint8Array();
      }
    },
    failsAtLeast: ["get/missing-is-an-answer", "delete/removes", "ttl/expires"],
  },
  {
    fault: "throws for a missing key",
    provider: class extends ReferenceProvider {
      override get(key: string): Uint8Array {
        const value = super.get(key);
        if (!value) throw new Error("no such key");
        return value;
      }
    },
    failsAtLeast: ["get/missing-is-an-answer"],
  },
  {
    fault: "removes an entry when it is read",
    provider: class extends ReferenceProvider {
      override get(key: string): Uint8Array | undefined {
        const value = super.get(key);
        this.entries.delete(key);
        return value;
      }
    },
    failsAtLeast: ["get/reads-again"],
  },
  {
    fault: "extends the TTL with every Get",
    provider: class extends ReferenceProvider {
      readonly #ttls = new WeakMap<ReferenceEntry, number>();
      protected override use(key: string, entry: ReferenceEntry): void {
        super.use(key, entry);
        const now = this.clock.now();
        const ttl = this.#ttls.get(entry) ?? entry.end - now;
        this.#ttls.set(entry, ttl);
        entry.end = now + ttl;
      }
      override touch(key: string, ttlMs?: number): boolean {
        const entry = this.live(key);
        if (entry) this.#ttls.set(entry, this.endOf(this.ttlOf(ttlMs)) - this.clock.now());
        return super.touch(key, ttlMs);
      }
    },
    fails: [
      "get/does-not-extend-ttl",
      // These look at an entry before its end, too.
      "set-many/one-ttl-for-all",
      "touch/extends-from-now",
      "ttl/adds-seconds-and-nanos",
      "ttl/counts-milliseconds",
    ],
  },
  {
    fault: "returns expired entries in batches",
    provider: class extends ReferenceProvider {
      override getMany(keys: readonly string[]): Record<string, Uint8Array> {
        const found = super.getMany(keys);
        for (const key of keys) {
          const entry = this.entries.get(key);
          if (entry) found[key] = entry.value;
        }
        return found;
      }
    },
    fails: ["get-many/expired-is-missing"],
  },
  {
    fault: "refuses empty batches",
    provider: class extends ReferenceProvider {
      override getMany(keys: readonly string[]): Record<string, Uint8Array> {
        if (keys.length === 0) throw new Error("wrong number of arguments");
        return super.getMany(keys);
      }
      override setMany(entries: KeyedBytes, options?: Options): void {
        if (entries.length === 0) throw new Error("wrong number of arguments");
        super.setMany(entries, options);
      }
      override deleteMany(keys: readonly string[]): number {
        if (keys.length === 0) throw new Error("wrong number of arguments");
        return super.deleteMany(keys);
      }
    },
    fails: ["get-many/empty-list", "set-many/empty-list", "delete-many/empty-list"],
  },
  {
    fault: "reads at most 500 keys of a batch",
    provider: class extends ReferenceProvider {
      override getMany(keys: readonly string[]): Record<string, Uint8Array> {
        return super.getMany(keys.slice(0, 500));
      }
    },
    fails: ["get-many/thousand-keys"],
  },
  {
    fault: "does not replace a value",
    provider: class extends ReferenceProvider {
      protected override store(key: string, value: Uint8Array, ttlMs: number): void {
        const before = this.live(key)?.value;
        super.store(key, value, ttlMs);
        const entry = this.entries.get(key);
        if (entry && before) entry.value = before;
      }
    },
    failsAtLeast: ["set/replaces-value", "values/empty-replaces", "set-many/last-duplicate-wins"],
  },
  {
    fault: "truncates keys at 48 characters",
    provider: class extends ReferenceProvider {
      override get(key: string): Uint8Array | undefined {
        return super.get(key.slice(0, 48));
      }
      override set(key: string, value: Uint8Array, options?: Options): void {
        super.set(key.slice(0, 48), value, options);
      }
    },
    failsAtLeast: ["keys/very-long"],
  },
  {
    fault: "merges keys that differ only in their last digit",
    provider: class extends ReferenceProvider {
      override get(key: string): Uint8Array | undefined {
        return super.get(key.replace(/:0$/, ":"));
      }
      override set(key: string, value: Uint8Array, options?: Options): void {
        super.set(key.replace(/:0$/, ":"), value, options);
      }
    },
    failsAtLeast: ["set/leaves-other-keys"],
  },
  {
    fault: "keeps the previous TTL after a Set without a TTL",
    provider: class extends ReferenceProvider {
      protected override store(key: string, value: Uint8Array, ttlMs: number): void {
        const end = this.live(key)?.end;
        super.store(key, value, ttlMs);
        const entry = this.entries.get(key);
        if (entry && ttlMs === 0) entry.end = end ?? Infinity;
      }
    },
    fails: [
      "set/without-ttl-drops-old-ttl",
      "set/zero-ttl-drops-old-ttl",
      "set-many/without-ttl-drops-old-ttl",
    ],
  },
  {
    fault: "keeps the earlier of two deadlines",
    provider: class extends ReferenceProvider {
      protected override store(key: string, value: Uint8Array, ttlMs: number): void {
        const end = this.live(key)?.end ?? Infinity;
        super.store(key, value, ttlMs);
        const entry = this.entries.get(key);
        if (entry) entry.end = Math.min(entry.end, end);
      }
    },
    fails: [
      "set/without-ttl-drops-old-ttl",
      "set/zero-ttl-drops-old-ttl",
      "set/longer-ttl-replaces",
      "set-many/without-ttl-drops-old-ttl",
    ],
  },
  {
    fault: "keeps the later of two deadlines",
    provider: class extends ReferenceProvider {
      protected override store(key: string, value: Uint8Array, ttlMs: number): void {
        const end = this.live(key)?.end ?? 0;
        super.store(key, value, ttlMs);
        const entry = this.entries.get(key);
        if (entry && ttlMs > 0) entry.end = Math.max(entry.end, end);
      }
    },
    fails: ["set/shorter-ttl-replaces"],
  },
  {
    fault: "cannot set an expired key again",
    provider: class extends ReferenceProvider {
      protected override store(key: string, value: Uint8Array, ttlMs: number): void {
        if (this.entries.has(key) && !this.live(key)) return;
        super.store(key, value, ttlMs);
      }
    },
    fails: ["set/after-expiry"],
  },
  {
    fault: "drops entries with an empty value from a batch",
    provider: class extends ReferenceProvider {
      override setMany(entries: KeyedBytes, options?: Options): void {
        super.setMany(
          entries.filter(({ value }) => value.byteLength > 0),
          options,
        );
      }
    },
    fails: ["set-many/writes-all"],
  },
  {
    fault: "keeps the first duplicate of a batch",
    provider: class extends ReferenceProvider {
      override setMany(entries: KeyedBytes, options?: Options): void {
        super.setMany(entries.toReversed(), options);
      }
    },
    fails: [
      "set-many/last-duplicate-wins",
      "set-many/failure-names-entry",
      "set-many/failure-keeps-earlier",
    ],
  },
  {
    fault: "applies the TTL only to the first entry of a batch",
    provider: class extends ReferenceProvider {
      override setMany(entries: KeyedBytes, options?: Options): void {
        super.setMany(entries.slice(0, 1), options);
        super.setMany(entries.slice(1));
      }
    },
    fails: ["set-many/one-ttl-for-all", "set-many/failure-names-entry"],
  },
  {
    fault: "writes a batch before it checks the TTL",
    provider: class extends ReferenceProvider {
      override setMany(entries: KeyedBytes, options?: Options): void {
        super.setMany(entries, { ttlMs: Math.max(0, options?.ttlMs ?? 0) });
        this.ttlOf(options?.ttlMs);
      }
    },
    fails: ["set-many/negative-ttl-writes-nothing"],
  },
  {
    fault: "does not name the entry of a batch that failed",
    provider: class extends ReferenceProvider {
      override setMany(entries: KeyedBytes, options?: Options): void {
        for (const { key, value } of entries) this.set(key, value, options);
      }
    },
    fails: ["set-many/failure-names-entry"],
  },
  {
    fault: "undoes a batch when one entry fails",
    provider: class extends ReferenceProvider {
      override setMany(entries: KeyedBytes, options?: Options): void {
        try {
          super.setMany(entries, options);
        } catch (error) {
          for (const { key } of entries) this.delete(key);
          throw error;
        }
      }
    },
    fails: ["set-many/failure-keeps-earlier", "set-many/negative-ttl-writes-nothing"],
  },
  {
    fault: "returns true for every Delete",
    provider: class extends ReferenceProvider {
      override delete(key: string): boolean {
        super.delete(key);
        return true;
      }
      override deleteMany(keys: readonly string[]): number {
        return [...new Set(keys)].filter((key) => super.delete(key)).length;
      }
    },
    fails: ["delete/missing-is-false", "delete/twice-is-false", "delete/expired-is-false"],
  },
  {
    fault: "returns true for a second Delete",
    provider: class extends ReferenceProvider {
      readonly #marked = new Set<string>();
      override delete(key: string): boolean {
        if (this.live(key)) this.#marked.add(key);
        return super.delete(key) || this.#marked.has(key);
      }
      override deleteMany(keys: readonly string[]): number {
        return keys.filter((key) => super.delete(key)).length;
      }
    },
    fails: ["delete/twice-is-false"],
  },
  {
    fault: "does not delete",
    provider: class extends ReferenceProvider {
      override delete(key: string): boolean {
        return this.live(key) !== undefined;
      }
      override deleteMany(keys: readonly string[]): number {
        return keys.filter((key) => super.delete(key)).length;
      }
    },
    failsAtLeast: ["delete/removes", "delete/twice-is-false"],
  },
  {
    fault: "treats the key of Delete as a pattern",
    provider: class extends ReferenceProvider {
      override delete(key: string): boolean {
        if (!key.endsWith("*")) return super.delete(key);
        const matching = [...this.entries.keys()].filter((each) =>
          each.startsWith(key.slice(0, -1)),
        );
        return matching.filter((each) => super.delete(each)).length > 0;
      }
    },
    fails: ["delete/leaves-other-keys"],
  },
  {
    fault: "counts expired entries as deleted",
    provider: class extends ReferenceProvider {
      override delete(key: string): boolean {
        return this.entries.delete(key);
      }
    },
    fails: ["delete/expired-is-false", "delete-many/expired-not-counted"],
  },
  {
    fault: "counts expired entries of a batch as deleted",
    provider: class extends ReferenceProvider {
      override deleteMany(keys: readonly string[]): number {
        return keys.filter((key) => this.entries.delete(key)).length;
      }
    },
    fails: ["delete-many/expired-not-counted"],
  },
  {
    fault: "keeps the timer of a deleted entry",
    provider: class extends ReferenceProvider {
      readonly #ends = new Map<string, number>();
      override delete(key: string): boolean {
        const end = this.live(key)?.end;
        if (end !== undefined) this.#ends.set(key, end);
        return super.delete(key);
      }
      protected override live(key: string): ReferenceEntry | undefined {
        const end = this.#ends.get(key) ?? Infinity;
        return this.clock.now() < end ? super.live(key) : undefined;
      }
    },
    fails: ["delete/forgets-ttl"],
  },
  {
    fault: "counts missing keys as deleted",
    provider: class extends ReferenceProvider {
      override deleteMany(keys: readonly string[]): number {
        super.deleteMany(keys);
        return new Set(keys).size;
      }
    },
    fails: ["delete-many/counts-live", "delete-many/expired-not-counted"],
  },
  {
    fault: "counts duplicates twice",
    provider: class extends ReferenceProvider {
      override deleteMany(keys: readonly string[]): number {
        const live = keys.filter((key) => this.live(key)).length;
        super.deleteMany(keys);
        return live;
      }
    },
    fails: ["delete-many/counts-duplicates-once"],
  },
  {
    fault: "treats empty values as misses",
    provider: class extends ReferenceProvider {
      protected override live(key: string): ReferenceEntry | undefined {
        const entry = super.live(key);
        return entry && entry.value.byteLength > 0 ? entry : undefined;
      }
    },
    fails: [
      "get-many/finds-empty-value",
      "set-many/writes-all",
      "delete/empty-value-is-true",
      "touch/empty-value-is-true",
      "values/empty",
      "values/empty-replaces",
    ],
  },
  {
    fault: "treats entries with an empty value as missing in Delete and Touch",
    provider: class extends ReferenceProvider {
      override delete(key: string): boolean {
        const value = this.get(key);
        return super.delete(key) && (value?.byteLength ?? 0) > 0;
      }
      override touch(key: string, ttlMs?: number): boolean {
        const value = this.get(key);
        return super.touch(key, ttlMs) && (value?.byteLength ?? 0) > 0;
      }
    },
    fails: ["delete/empty-value-is-true", "touch/empty-value-is-true"],
  },
  {
    fault: "ignores a write of an empty value over another value",
    provider: class extends ReferenceProvider {
      protected override store(key: string, value: Uint8Array, ttlMs: number): void {
        if (value.byteLength === 0 && this.live(key)) return;
        super.store(key, value, ttlMs);
      }
    },
    fails: ["values/empty-replaces"],
  },
  {
    fault: "returns false for a successful Touch",
    provider: class extends ReferenceProvider {
      override touch(key: string, ttlMs?: number): boolean {
        return super.touch(key, ttlMs) && false;
      }
    },
    failsAtLeast: ["touch/live-is-true"],
  },
  {
    fault: "creates an entry in Touch",
    provider: class extends ReferenceProvider {
      override touch(key: string, ttlMs?: number): boolean {
        const touched = super.touch(key, ttlMs);
        if (!this.entries.has(key)) this.set(key, new Uint8Array());
        return touched;
      }
    },
    fails: ["touch/missing-is-false"],
  },
  {
    fault: "loses the value in Touch",
    provider: class extends ReferenceProvider {
      override touch(key: string, ttlMs?: number): boolean {
        const touched = super.touch(key, ttlMs);
        const entry = this.live(key);
        if (entry) entry.value = new Uint8Array();
        return touched;
      }
    },
    failsAtLeast: ["touch/live-is-true", "touch/extends-from-now"],
  },
  {
    fault: "adds the TTL of Touch to the previous TTL",
    provider: class extends ReferenceProvider {
      override touch(key: string, ttlMs = 0): boolean {
        const end = this.live(key)?.end ?? 0;
        const touched = super.touch(key, ttlMs);
        const entry = this.live(key);
        if (entry && ttlMs > 0 && end !== Infinity) entry.end = end + ttlMs;
        return touched;
      }
    },
    fails: ["touch/extends-from-now", "touch/shortens"],
  },
  {
    fault: "does not shorten a TTL in Touch",
    provider: class extends ReferenceProvider {
      override touch(key: string, ttlMs?: number): boolean {
        const end = this.live(key)?.end ?? 0;
        const touched = super.touch(key, ttlMs);
        const entry = this.live(key);
        if (entry) entry.end = Math.max(entry.end, end);
        return touched;
      }
    },
    fails: ["touch/shortens", "touch/gives-ttl", "ttl/below-a-millisecond-expires"],
  },
  {
    fault: "keeps the previous TTL after a Touch without a TTL",
    provider: class extends ReferenceProvider {
      override touch(key: string, ttlMs = 0): boolean {
        return ttlMs === 0 ? this.live(key) !== undefined : super.touch(key, ttlMs);
      }
    },
    fails: [
      "touch/unset-removes-expiry",
      "touch/zero-removes-expiry",
      "bounds/touch-counts-as-use",
    ],
  },
  {
    fault: "deletes the entry in a Touch with a TTL of zero",
    provider: class extends ReferenceProvider {
      override touch(key: string, ttlMs?: number): boolean {
        return ttlMs === 0 ? this.delete(key) : super.touch(key, ttlMs);
      }
    },
    fails: ["touch/zero-removes-expiry"],
  },
  {
    fault: "restores expired entries in Touch",
    provider: class extends ReferenceProvider {
      override touch(key: string, ttlMs?: number): boolean {
        const entry = this.entries.get(key);
        if (entry) entry.end = Infinity;
        return super.touch(key, ttlMs);
      }
    },
    fails: ["touch/expired-is-false", "touch/does-not-revive"],
  },
  {
    fault: "returns true for a Touch of an expired key",
    provider: class extends ReferenceProvider {
      override touch(key: string, ttlMs?: number): boolean {
        return super.touch(key, ttlMs) || this.entries.has(key);
      }
    },
    fails: ["touch/expired-is-false"],
  },
  {
    fault: "treats a negative TTL as unset",
    provider: class extends ReferenceProvider {
      protected override ttlOf(ttlMs = 0): number {
        return super.ttlOf(Math.max(0, ttlMs));
      }
    },
    fails: [
      "set-many/negative-ttl-writes-nothing",
      "touch/negative-ttl-refused",
      "ttl/negative-refused",
      "ttl/negative-says-why",
    ],
  },
  {
    fault: "deletes the entry in a Touch with a negative TTL",
    provider: class extends ReferenceProvider {
      override touch(key: string, ttlMs?: number): boolean {
        if ((ttlMs ?? 0) < 0) this.delete(key);
        return super.touch(key, ttlMs);
      }
    },
    fails: ["touch/negative-ttl-refused"],
  },
  {
    fault: "writes before it checks the TTL",
    provider: class extends ReferenceProvider {
      override set(key: string, value: Uint8Array, options?: Options): void {
        super.set(key, value, { ttlMs: Math.max(0, options?.ttlMs ?? 0) });
        this.ttlOf(options?.ttlMs);
      }
    },
    fails: ["ttl/negative-refused"],
  },
  {
    fault: "does not name the TTL in the error for a negative one",
    provider: class extends ReferenceProvider {
      protected override ttlOf(ttlMs = 0): number {
        try {
          return super.ttlOf(ttlMs);
        } catch (error) {
          (error as Error).message = "bad request";
          throw error;
        }
      }
    },
    fails: ["ttl/negative-says-why"],
  },
  {
    fault: "expires entries a millisecond too late",
    provider: class extends ReferenceProvider {
      protected override endOf(ttlMs: number): number {
        return super.endOf(ttlMs) + 1;
      }
    },
    failsAtLeast: ["ttl/expires", "get/does-not-extend-ttl", "touch/shortens"],
  },
  {
    fault: "expires entries a millisecond too early",
    provider: class extends ReferenceProvider {
      protected override endOf(ttlMs: number): number {
        return super.endOf(ttlMs) - 1;
      }
    },
    failsAtLeast: ["ttl/lives-until-end", "ttl/counts-milliseconds"],
  },
  {
    fault: "applies a default TTL",
    provider: class extends ReferenceProvider {
      protected override endOf(ttlMs: number): number {
        return super.endOf(ttlMs === 0 ? 1500 : ttlMs);
      }
    },
    failsAtLeast: ["ttl/unset-never-expires", "ttl/zero-never-expires"],
  },
  {
    fault: "expires an entry with a TTL of zero at once",
    provider: class extends ReferenceProvider {
      override set(key: string, value: Uint8Array, options?: Options): void {
        super.set(key, value, options);
        if (options?.ttlMs === 0) this.delete(key);
      }
    },
    fails: ["set/zero-ttl-drops-old-ttl", "ttl/zero-never-expires"],
  },
  {
    fault: "treats a TTL below a millisecond as unset",
    provider: class extends ReferenceProvider {
      protected override ttlOf(ttlMs = 0): number {
        return super.ttlOf(ttlMs < 1 ? Math.trunc(ttlMs) || Math.min(ttlMs, 0) : ttlMs);
      }
    },
    fails: ["ttl/below-a-millisecond-expires"],
  },
  {
    fault: "treats a TTL below a millisecond as unset in SetMany",
    provider: class extends ReferenceProvider {
      override setMany(entries: KeyedBytes, options: Options = {}): void {
        const { ttlMs = 0 } = options;
        super.setMany(entries, { ttlMs: ttlMs > 0 ? Math.floor(ttlMs) : ttlMs });
      }
    },
    fails: ["ttl/below-a-millisecond-expires"],
  },
  {
    fault: "treats a TTL below a millisecond as unset in Touch",
    provider: class extends ReferenceProvider {
      override touch(key: string, ttlMs = 0): boolean {
        return super.touch(key, ttlMs > 0 ? Math.floor(ttlMs) : ttlMs);
      }
    },
    fails: ["ttl/below-a-millisecond-expires"],
  },
  {
    fault: "treats a negative TTL in nanoseconds alone as unset in SetMany",
    provider: class extends ReferenceProvider {
      override setMany(entries: KeyedBytes, options: Options = {}): void {
        const { ttlMs = 0 } = options;
        super.setMany(entries, { ttlMs: ttlMs > -1 ? Math.max(0, ttlMs) : ttlMs });
      }
    },
    fails: ["set-many/negative-ttl-writes-nothing"],
  },
  {
    fault: "treats a negative TTL in nanoseconds alone as unset in Touch",
    provider: class extends ReferenceProvider {
      override touch(key: string, ttlMs = 0): boolean {
        return super.touch(key, ttlMs > -1 ? Math.max(0, ttlMs) : ttlMs);
      }
    },
    fails: ["touch/negative-ttl-refused"],
  },
  {
    fault: "expires an entry with a TTL below a millisecond at once",
    provider: class extends ReferenceProvider {
      protected override store(key: string, value: Uint8Array, ttlMs: number): void {
        if (ttlMs !== 1) super.store(key, value, ttlMs);
      }
    },
    fails: ["ttl/below-a-millisecond-expires"],
  },
  {
    fault: "rounds TTLs down to whole seconds",
    provider: class extends ReferenceProvider {
      protected override ttlOf(ttlMs = 0): number {
        const ttl = super.ttlOf(ttlMs);
        return ttl < 1000 ? ttl : Math.floor(ttl / 1000) * 1000;
      }
    },
    fails: ["ttl/counts-milliseconds", "ttl/adds-seconds-and-nanos"],
  },
  {
    fault: "rounds TTLs up to whole seconds",
    provider: class extends ReferenceProvider {
      protected override ttlOf(ttlMs = 0): number {
        const ttl = super.ttlOf(ttlMs);
        return ttl < 1000 ? ttl : Math.ceil(ttl / 1000) * 1000;
      }
    },
    fails: ["ttl/counts-milliseconds", "ttl/adds-seconds-and-nanos"],
  },
  {
    fault: "stores TTLs in 32 bits",
    provider: class extends ReferenceProvider {
      protected override endOf(ttlMs: number): number {
        const end = super.endOf(ttlMs | 0);
        return ttlMs !== 0 && (ttlMs | 0) === 0 ? this.clock.now() : end;
      }
    },
    fails: ["ttl/long-ttls-live"],
  },
  {
    fault: "refuses the empty key",
    provider: class extends ReferenceProvider {
      override set(key: string, value: Uint8Array, options?: Options): void {
        if (key === "") throw new Error("a key is needed");
        super.set(key, value, options);
      }
    },
    fails: ["keys/empty"],
  },
  {
    fault: "truncates keys at a NUL",
    provider: class extends ReferenceProvider {
      override get(key: string): Uint8Array | undefined {
        return super.get(key.replace(/\0.*/s, ""));
      }
      override set(key: string, value: Uint8Array, options?: Options): void {
        super.set(key.replace(/\0.*/s, ""), value, options);
      }
    },
    fails: ["keys/control-characters", "keys/nul-does-not-cut"],
  },
  {
    fault: "truncates keys at a newline",
    provider: class extends ReferenceProvider {
      protected override store(key: string, value: Uint8Array, ttlMs: number): void {
        super.store(key.split("\n", 1).join(""), value, ttlMs);
      }
    },
    fails: ["keys/control-characters"],
  },
  {
    fault: "looks keys up in a plain object",
    provider: class extends ReferenceProvider {
      override get(key: string): Uint8Array | undefined {
        const inherited = ({} as Record<string, unknown>)[key];
        return inherited === undefined ? super.get(key) : new Uint8Array();
      }
    },
    fails: ["keys/object-names", "keys/object-names-in-batches"],
  },
  {
    fault: "returns batches in a plain object",
    provider: class extends ReferenceProvider {
      protected override emptyRecord(): Record<string, Uint8Array> {
        return {};
      }
    },
    fails: ["keys/object-names", "keys/object-names-in-batches"],
  },
  {
    fault: "stores keys in UCS-2 without surrogates",
    provider: class extends ReferenceProvider {
      protected override store(key: string, value: Uint8Array, ttlMs: number): void {
        super.store(key.replaceAll(/[\ud800-\udfff]/g, ""), value, ttlMs);
      }
    },
    fails: ["keys/unicode", "keys/half-surrogates"],
  },
  {
    fault: "replaces lone surrogates in keys",
    provider: class extends ReferenceProvider {
      override get(key: string): Uint8Array | undefined {
        return super.get(Buffer.from(key).toString());
      }
      protected override store(key: string, value: Uint8Array, ttlMs: number): void {
        super.store(Buffer.from(key).toString(), value, ttlMs);
      }
    },
    fails: ["keys/half-surrogates"],
  },
  {
    fault: "normalizes keys",
    provider: class extends ReferenceProvider {
      override get(key: string): Uint8Array | undefined {
        return super.get(key.normalize("NFC"));
      }
      protected override store(key: string, value: Uint8Array, ttlMs: number): void {
        super.store(key.normalize("NFC"), value, ttlMs);
      }
    },
    fails: ["keys/not-normalised"],
  },
  {
    fault: "trims keys",
    provider: class extends ReferenceProvider {
      override get(key: string): Uint8Array | undefined {
        return super.get(key.trim());
      }
      protected override store(key: string, value: Uint8Array, ttlMs: number): void {
        super.store(key.trim(), value, ttlMs);
      }
    },
    failsAtLeast: ["keys/not-normalised"],
  },
  {
    fault: "refuses keys above 32 KiB",
    provider: class extends ReferenceProvider {
      override set(key: string, value: Uint8Array, options?: Options): void {
        if (key.length > 32_768) throw new Error("key too long");
        super.set(key, value, options);
      }
    },
    fails: ["keys/very-long"],
  },
  {
    fault: "stores values as text",
    provider: class extends ReferenceProvider {
      protected override copyIn(value: Uint8Array): Uint8Array {
        if (value.byteLength > MEBIBYTE / 2) return super.copyIn(value);
        return new TextEncoder().encode(new TextDecoder().decode(value));
      }
    },
    fails: ["values/every-byte", "bounds/max-bytes"],
  },
  {
    fault: "trims values",
    provider: class extends ReferenceProvider {
      protected override copyIn(value: Uint8Array): Uint8Array {
        if (value.byteLength > 4) return super.copyIn(value);
        return Buffer.from(Buffer.from(value).toString("latin1").trim(), "latin1");
      }
    },
    // That case has values with spaces, to tell its keys apart.
    fails: ["values/not-trimmed", "keys/not-normalised"],
  },
  {
    fault: "truncates values at a zero byte",
    provider: class extends ReferenceProvider {
      protected override copyIn(value: Uint8Array): Uint8Array {
        const end = value.indexOf(0);
        return super.copyIn(end < 0 || value.byteLength > 4 ? value : value.subarray(0, end));
      }
    },
    fails: ["values/not-trimmed"],
  },
  {
    fault: "truncates values at 64 KiB",
    provider: class extends ReferenceProvider {
      protected override copyIn(value: Uint8Array): Uint8Array {
        return super.copyIn(value.byteLength > 2 * MEBIBYTE ? value : value.subarray(0, 65_536));
      }
    },
    fails: ["values/one-mebibyte"],
  },
  {
    fault: "keeps the caller's buffer",
    provider: class extends ReferenceProvider {
      protected override copyIn(value: Uint8Array): Uint8Array {
        return value;
      }
    },
    fails: ["values/copied-in", "values/copied-in-by-batches"],
  },
  {
    fault: "keeps the caller's buffers in a batch",
    provider: class extends ReferenceProvider {
      override setMany(entries: KeyedBytes, options?: Options): void {
        const keep = this.copyIn.bind(this);
        this.copyIn = (value) => value;
        try {
          super.setMany(entries, options);
        } finally {
          this.copyIn = keep;
        }
      }
    },
    fails: ["values/copied-in-by-batches"],
  },
  {
    fault: "returns its own buffer",
    provider: class extends ReferenceProvider {
      protected override copyOut(value: Uint8Array): Uint8Array {
        return value;
      }
    },
    fails: ["values/copied-out"],
  },
  {
    fault: "returns its own buffer and overwrites it with the next value",
    provider: class extends ReferenceProvider {
      protected override copyOut(value: Uint8Array): Uint8Array {
        return value;
      }
      protected override store(key: string, value: Uint8Array, ttlMs: number): void {
        const buffer = this.live(key)?.value;
        super.store(key, value, ttlMs);
        const entry = this.entries.get(key);
        if (entry && buffer?.byteLength === value.byteLength) {
          buffer.set(value);
          entry.value = buffer;
        }
      }
    },
    fails: ["values/copied-out", "values/not-changed-by-later-writes"],
  },
  {
    fault: "drops entries that are too large without an error",
    provider: class extends ReferenceProvider {
      protected override store(key: string, value: Uint8Array, ttlMs: number): void {
        if (value.byteLength <= this.maxEntryBytes) super.store(key, value, ttlMs);
      }
    },
    fails: [
      "set-many/failure-names-entry",
      "set-many/failure-keeps-earlier",
      "bounds/accepted-can-be-read",
      "bounds/too-large-refused",
      "bounds/too-large-keeps-entry",
    ],
  },
  {
    fault: "does not name the limit in the error for a large entry",
    provider: class extends ReferenceProvider {
      override set(key: string, value: Uint8Array, options?: Options): void {
        try {
          super.set(key, value, options);
        } catch (error) {
          if (value.byteLength > this.maxEntryBytes) (error as Error).message = "too large";
          throw error;
        }
      }
    },
    fails: ["bounds/too-large-refused"],
  },
  {
    fault: "removes the previous entry when the new value is too large",
    provider: class extends ReferenceProvider {
      protected override checkSize(key: string, value: Uint8Array): void {
        if (value.byteLength > this.maxEntryBytes) this.delete(key);
        super.checkSize(key, value);
      }
    },
    fails: ["bounds/too-large-keeps-entry"],
  },
  {
    fault: "ignores maxEntries",
    provider: class extends ReferenceProvider {
      protected override makeRoom(): void {
        this.maxEntries = Infinity;
        super.makeRoom();
      }
    },
    fails: [
      "bounds/max-entries",
      "bounds/get-counts-as-use",
      "bounds/get-many-counts-as-use",
      "bounds/set-counts-as-use",
      "bounds/touch-counts-as-use",
    ],
  },
  {
    fault: "ignores maxBytes",
    provider: class extends ReferenceProvider {
      protected override bytes(): number {
        return 0;
      }
    },
    fails: ["bounds/max-bytes"],
  },
  {
    fault: "evicts all entries when it is full",
    provider: class extends ReferenceProvider {
      protected override makeRoom(): void {
        const newest = [...this.entries].at(-1);
        if (this.bytes() > this.maxBytes && newest) this.entries = new Map([newest]);
        super.makeRoom();
      }
    },
    fails: ["bounds/max-bytes"],
  },
  {
    fault: "does not count a Get as a use",
    provider: class extends ReferenceProvider {
      override get(key: string): Uint8Array | undefined {
        const entry = this.live(key);
        return entry && this.copyOut(entry.value);
      }
    },
    fails: ["bounds/get-counts-as-use", "bounds/get-many-counts-as-use"],
  },
  {
    fault: "does not count a GetMany as a use",
    provider: class extends ReferenceProvider {
      override getMany(keys: readonly string[]): Record<string, Uint8Array> {
        const order = [...this.entries];
        const found = super.getMany(keys);
        this.entries = new Map(order);
        return found;
      }
    },
    fails: ["bounds/get-many-counts-as-use"],
  },
  {
    fault: "does not count a Set of an existing key as a use",
    provider: class extends ReferenceProvider {
      protected override use(key: string, entry: ReferenceEntry): void {
        if (this.entries.has(key) && this.entries.get(key) !== entry) this.entries.set(key, entry);
        else super.use(key, entry);
      }
    },
    fails: ["bounds/set-counts-as-use"],
  },
  {
    fault: "does not count a Touch as a use",
    provider: class extends ReferenceProvider {
      override touch(key: string, ttlMs?: number): boolean {
        const order = [...this.entries];
        const touched = super.touch(key, ttlMs);
        this.entries = new Map(order);
        return touched;
      }
    },
    fails: ["bounds/touch-counts-as-use"],
  },
  {
    fault: "evicts live entries before expired ones",
    provider: class extends ReferenceProvider {
      protected override makeRoom(): void {
        for (const key of this.entries.keys()) {
          if (this.entries.size <= this.maxEntries) break;
          this.entries.delete(key);
        }
        super.makeRoom();
      }
    },
    fails: ["bounds/expired-goes-first"],
  },
];
