import type { StatusName } from "./grpc/status.js";
import type { WireDuration } from "./wire-duration.js";

/** What Get answers. The value of a miss is empty. */
export interface GetReply {
  readonly found: boolean;
  readonly value: Uint8Array;
}

/** One entry of what GetMany answers. */
export interface KeyedReply extends GetReply {
  readonly key: string;
}

/** One entry of SetMany. */
export interface KeyedValue {
  readonly key: string;
  readonly value: Uint8Array;
}

/**
 * The seven operations as a case sees them, in process or over gRPC. They have the detail of the
 * wire: a TTL may be unset, zero or malformed, and a reply is exactly what was received. A call that fails rejects with {@link CallFailed}.
 */
export interface CacheUnderTest {
  get(key: string): Promise<GetReply>;
  getMany(keys: readonly string[]): Promise<readonly KeyedReply[]>;
  set(key: string, value: Uint8Array, ttl?: WireDuration): Promise<void>;
  setMany(entries: readonly KeyedValue[], ttl?: WireDuration): Promise<void>;
  delete(key: string): Promise<boolean>;
  deleteMany(keys: readonly string[]): Promise<number>;
  touch(key: string, ttl?: WireDuration): Promise<boolean>;
}

/** A call that the provider answered with a status other than OK. */
export class CallFailed extends Error {
  override readonly name = "CallFailed";

  constructor(
    readonly status: StatusName,
    readonly statusMessage: string,
  ) {
    super(statusMessage === "" ? status : `${status}: ${statusMessage}`);
  }
}

/** A call that got no answer that gRPC would accept: silence, a broken connection, garbage. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
  /** True when the time for the call ran out. */
  readonly timedOut: boolean;

  constructor(problem: string, options: ErrorOptions & { readonly timedOut?: boolean } = {}) {
    super(problem, options);
    this.timedOut = options.timedOut ?? false;
  }
}
