import { monotonicClock, type Clock } from "../../contract/clock.js";
import type { MaybePromise } from "../../contract/maybe-promise.js";
import { CallFailed } from "../cache-under-test.js";
import type {
  CacheContext,
  ObjectContext,
  ProviderConfig,
  ProviderUnderTest,
} from "../case-context.js";
import { manualTicker, realTicker } from "../case-time.js";
import { ProviderGone } from "../failure.js";
import { KeySpace } from "../key-space.js";
import { ManualClock } from "../manual-clock.js";
import { CONFIGURED_NAME } from "../process/start-provider.js";
import type { CaseWorkspace, ConformanceSubject, SubjectSettings } from "../subject.js";
import { createCacheContext } from "./cache-context.js";
import { createInProcessCache } from "./in-process-cache.js";

/** Creates a provider that reads the given clock. Called once for each case. */
export type CreateProvider = (clock: Clock) => MaybePromise<ProviderUnderTest>;

/** Options of {@link inProcessSubject}. */
export interface InProcessOptions {
  /**
   * `manual` (the default): the kit sets the provider's clock and never waits. `real`: for a
   * provider whose clock cannot be injected. The kit waits until TTLs have passed.
   */
  readonly clock?: "manual" | "real";
}

/** TTLs of whole seconds, so that what is left over of a second is noticed where it matters. */
const MANUAL_UNIT_MS = 1000;

/** A provider in this process; each case gets a fresh one. */
export function inProcessSubject(
  createProvider: CreateProvider,
  { clock = "manual" }: InProcessOptions = {},
): ConformanceSubject {
  return {
    description: "a provider in this process",
    open: async (settings) => {
      await assertUsable(createProvider, clock, settings);
      const open = (workspace: CaseWorkspace, config: ProviderConfig): Promise<ObjectContext> =>
        openProvider(createProvider, clock, settings, workspace, config);
      const offer = (workspace: CaseWorkspace): Promise<ObjectContext> =>
        open(workspace, settings.config);
      return {
        exact: clock === "manual",
        offers: {
          cache: offer,
          object: offer,
          own: (workspace) => ({
            configured: (options): Promise<CacheContext> =>
              open(workspace, { ...settings.config, ...options }),
          }),
        },
        close: () => Promise.resolve(),
      };
    },
  };
}

async function openProvider(
  createProvider: CreateProvider,
  kind: "manual" | "real",
  settings: SubjectSettings,
  workspace: CaseWorkspace,
  config: ProviderConfig,
): Promise<ObjectContext> {
  const clock = new ManualClock();
  const manual = kind === "manual";
  const provider = await createProvider(manual ? clock : monotonicClock);
  workspace.defer(() => provider.closeProvider());
  await provider.configureProvider(CONFIGURED_NAME, { ...config });
  const cache = createInProcessCache(provider, settings.callTimeoutMs);
  // A backend that others use has a time of its own.
  if (manual) {
    const setting = { ticker: manualTicker(clock), unitMs: MANUAL_UNIT_MS, shared: false };
    return { ...createCacheContext(cache, setting, workspace), provider };
  }
  // The provider of a case is the last that can remove its entries.
  const keys = new KeySpace();
  workspace.defer(() => keys.removeAll(cache));
  const ticker = realTicker(workspace.signal);
  const setting = { ticker, unitMs: settings.ttlUnitMs, shared: true };
  return { ...createCacheContext(cache, setting, { ...workspace, keys }), provider };
}

/**
 * A provider that cannot be made fails every case, and one that goes by another clock
 * every case about time: better said once.
 *
 * @throws ProviderGone in both cases
 */
async function assertUsable(
  createProvider: CreateProvider,
  kind: "manual" | "real",
  { config, callTimeoutMs, keys }: SubjectSettings,
): Promise<void> {
  const clock = new ManualClock();
  try {
    const provider = await createProvider(kind === "manual" ? clock : monotonicClock);
    await provider.configureProvider(CONFIGURED_NAME, { ...config });
    const cache = createInProcessCache(provider, callTimeoutMs);
    const key = keys.next("clock");
    // Some look at the time only when there is a TTL to keep.
    await cache.set(key, new Uint8Array(1), { seconds: 60n, nanos: 0 });
    await cache.get(key);
    // The cases say what is wrong with a Delete.
    await keys.remove(cache, key).catch(() => undefined);
    await provider.closeProvider();
  } catch (cause) {
    const reason = cause instanceof CallFailed ? cause.message : String(cause);
    throw new ProviderGone(`the provider cannot be used: ${reason}`, { cause });
  }
  if (kind === "real" || clock.reads > 0) return;
  throw new ProviderGone(
    'the provider does not read the clock that createProvider received; read it, or test with { clock: "real" }',
  );
}
