import type { CacheProvider } from "../contract/cache-provider.js";
import type { CacheUnderTest } from "./cache-under-test.js";
import type { CaseTime } from "./case-time.js";
import type { GrpcChannel } from "./grpc/grpc-channel.js";
import type { LifecycleUnderTest } from "./grpc/lifecycle-client.js";
import type { HostStart, RunningProvider } from "./process/running-provider.js";
import type { Transcript } from "./transcript.js";

/** The part of a provider that the kit uses in process. Any object of this shape is accepted. */
export type ProviderUnderTest = Pick<
  CacheProvider,
  | "get"
  | "getMany"
  | "set"
  | "setMany"
  | "delete"
  | "deleteMany"
  | "touch"
  | "configureProvider"
  | "closeProvider"
>;

/** The configuration of a provider: the object under `config:` in the host's configuration. */
export type ProviderConfig = Readonly<Record<string, unknown>>;

/** What a case has that speaks to a cache. */
export interface CacheContext {
  readonly cache: CacheUnderTest;
  readonly time: CaseTime;
  readonly transcript: Transcript;
  /** A fresh key with the run's random prefix; `tail` ends it. */
  readonly key: (tail?: string) => string;
  /** Takes a key that the case makes from one of `key`; its entry is removed too. */
  readonly derivedKey: (key: string) => string;
  /**
   * A key taken as it is, without the prefix; its entry is removed after the case.
   * @throws CaseSkipped when there is an entry already, which may belong to somebody else
   */
  readonly bareKey: (key: string) => Promise<string>;
}

/** What a case has that needs the provider itself. */
export interface ObjectContext extends CacheContext {
  readonly provider: ProviderUnderTest;
}

/** What a case has that needs a gRPC endpoint. */
export interface WireContext extends CacheContext {
  readonly channel: GrpcChannel;
  readonly lifecycle: LifecycleUnderTest;
  /** The name and configuration that the provider was given. */
  readonly configured: { readonly name: string; readonly config: ProviderConfig };
  /** Another connection; closed after the case. */
  readonly openChannel: () => GrpcChannel;
}

/** What a case has that needs a provider of its own. */
export interface OwnContext {
  /** A fresh provider, configured with these options over those of the run. */
  readonly configured: (options: ProviderConfig) => Promise<CacheContext>;
}

/** What a case has that needs to start processes. */
export interface ProcessContext {
  readonly transcript: Transcript;
  readonly time: CaseTime;
  /** The configuration of the run; empty when there is none. */
  readonly config: ProviderConfig;
  readonly key: (tail?: string) => string;
  /** Starts the command as the host does; ended after the case. */
  readonly start: (options?: HostStart) => Promise<RunningProvider>;
  /** Connects to a started provider; nothing is configured yet. */
  readonly connect: (provider: RunningProvider) => WireContext;
  /** Starts, connects and configures as the host does. */
  readonly startConfigured: (
    options?: HostStart,
  ) => Promise<WireContext & { readonly provider: RunningProvider }>;
}

/** The context that each need stands for. */
export interface CaseContexts {
  readonly cache: CacheContext;
  readonly object: ObjectContext;
  readonly wire: WireContext;
  readonly lifecycle: WireContext;
  readonly own: OwnContext;
  readonly process: ProcessContext;
}
