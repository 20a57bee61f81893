import type { CacheMethod } from "./cache-method.js";
import type { StatusName } from "./status-names.js";

/** A call that has ended. Its values are never in it. */
export interface RecordedCall {
  /** When it began, in milliseconds since 1970 by the time of day. */
  readonly timeMs: number;
  readonly method: CacheMethod;
  /** Its keys: the first 100, each shortened to 256 characters. */
  readonly keys: readonly string[];
  /** How many keys it had. */
  readonly keyCount: number;
  /** Keys that had a live entry: read, touched or deleted. 0 for `set` and `setMany`. */
  readonly hits: number;
  /** Keys that had none. */
  readonly misses: number;
  /** Bytes of the values that were read or written. */
  readonly bytes: number;
  /** How it ended. */
  readonly status: StatusName;
  readonly durationMs: number;
  /** The fault rule that was applied to it; 0: none. */
  readonly faultId: number;
}

/** Takes each call when it has ended. */
export type CallListener = (call: RecordedCall) => void;

/** How many calls are kept. */
const MAX_CALLS = 1_000;
/** How much is kept of the keys of one call, so that a record stays small. */
const MAX_KEYS = 100;
const MAX_KEY_LENGTH = 256;

/** The last calls of one cache, and the listeners that receive further calls. */
export class CallRecord {
  readonly #isKept: boolean;
  readonly #listeners = new Set<CallListener>();
  #calls: RecordedCall[] = [];
  /** Where the oldest call is, once there are as many as are kept. */
  #oldest = 0;
  #dropped = 0;

  /** @param isKept - false to keep no calls, and only hand them to listeners */
  constructor(isKept: boolean) {
    this.#isKept = isKept;
  }

  /** False when calls are not kept. */
  get isKept(): boolean {
    return this.#isKept;
  }

  /** True when a call need not be recorded, because calls are not kept and have no watcher. */
  get isIdle(): boolean {
    return !this.#isKept && this.#listeners.size === 0;
  }

  /** How many calls were recorded and are no longer kept. */
  get dropped(): number {
    return this.#dropped;
  }

  add(call: RecordedCall): void {
    if (this.#isKept) this.#keep(call);
    for (const listener of this.#listeners) listener(call);
  }

  /** The calls that are kept, the oldest first. */
  list(): RecordedCall[] {
    return [...this.#calls.slice(this.#oldest), ...this.#calls.slice(0, this.#oldest)];
  }

  /** Forgets all calls; those who watch go on. */
  clear(): void {
    this.#calls = [];
    this.#oldest = 0;
    this.#dropped = 0;
  }

  /**
   * Hands every call from now on to a listener.
   *
   * @returns ends it
   */
  watch(listener: CallListener): () => void {
    // A function of its own: the same listener may watch twice.
    const own: CallListener = (call) => listener(call);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  #keep(call: RecordedCall): void {
    if (this.#calls.length < MAX_CALLS) {
      this.#calls.push(call);
      return;
    }
    this.#calls[this.#oldest] = call;
    this.#oldest = (this.#oldest + 1) % MAX_CALLS;
    this.#dropped++;
  }
}

/** The keys of a call as a record keeps them. */
export function recordedKeys(keys: readonly string[]): readonly string[] {
  const kept = keys.length > MAX_KEYS ? keys.slice(0, MAX_KEYS) : keys;
  if (!kept.some(({ length }) => length > MAX_KEY_LENGTH)) return kept;
  return kept.map((key) => shortened(key));
}

/** Without half of a surrogate pair at the end, and without keeping the whole key alive. */
function shortened(key: string): string {
  if (key.length <= MAX_KEY_LENGTH) return key;
  return `${Buffer.from(key.slice(0, MAX_KEY_LENGTH).replace(/[\uD800-\uDBFF]$/, "")).toString()}…`;
}
