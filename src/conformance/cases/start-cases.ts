import type { ProcessContext } from "../case-context.js";
import { CallFailed, type CacheUnderTest } from "../cache-under-test.js";
import { checkRefused, checkStored, fail } from "../check.js";
import type { ConformanceCase } from "../conformance-case.js";
import { CaseSkipped } from "../failure.js";
import { acceptedGenerations, configureAccepted } from "../process/configure-as-host.js";
import type { HostGeneration } from "../process/host-environment.js";
import { HOST_LAUNCH_RECORDS } from "../process/host-launch-records.js";
import type { HostStart } from "../process/running-provider.js";
import { bytes } from "./sample-bytes.js";

export const startCases: readonly ConformanceCase[] = [
  {
    id: "process/plugin-socket",
    title: "The provider listens on the path in GESTALT_PLUGIN_SOCKET.",
    section: "4",
    level: "required",
    reason: "Hosts with protocol versions 2 to 4 set this variable.",
    needs: "process",
    run: (context) => checkServesGeneration(context, "older", { generation: "older" }),
  },
  {
    id: "process/provider-socket",
    title: "The provider listens on the path in GESTALT_PROVIDER_SOCKET.",
    section: "4",
    level: "required",
    reason: "Hosts with protocol version 5 set this variable only.",
    needs: "process",
    run: (context) => checkServesGeneration(context, "newer", { generation: "newer" }),
  },
  {
    id: "process/newer-name-first",
    title: "The provider prefers GESTALT_PROVIDER_SOCKET when both socket variables are set.",
    section: "4",
    level: "recommended",
    reason:
      "A host that sets both keeps the older variable for providers that do not read the newer one.",
    needs: "process",
    run: (context) => checkServesGeneration(context, "newer", { generation: "newer first" }),
  },
  {
    id: "process/without-name",
    title: "The provider starts without the variable for its name.",
    section: "4",
    level: "required",
    reason: "A host may omit the variable, and ConfigureProvider sends the name.",
    needs: "process",
    run: (context) => checkServes(context, { named: false }),
  },
  {
    id: "process/socket-accepts-when-visible",
    title: "The socket file appears only when the provider accepts connections.",
    section: "4",
    level: "required",
    reason: "A refused connection delays the start by a second.",
    needs: "process",
    async run({ start }) {
      // Between creating the file and accepting, the system may let others run: once is no proof.
      for (let tries = 0; tries < 3; tries++) if ((await start()).refusals === 0) return;
      fail(
        "a socket file that appears when the provider accepts connections",
        "a refused connection in each of 3 starts",
      );
    },
  },
  {
    id: "process/before-configure",
    title: "A cache call before ConfigureProvider fails with FAILED_PRECONDITION.",
    section: "3",
    level: "recommended",
    reason: "A provider without its configuration could write to the wrong place.",
    needs: "process",
    async run({ start, connect, key }) {
      const { cache } = connect(await start());
      for (const call of sevenCalls(cache, key())) await checkRefused(call, "FAILED_PRECONDITION");
    },
  },
  {
    id: "process/identity-before-configure",
    title: "GetProviderIdentity succeeds before ConfigureProvider.",
    section: "4",
    level: "required",
    reason: "The host calls it first.",
    needs: "process",
    async run({ start, connect }) {
      await connect(await start()).lifecycle.identity();
    },
  },
  {
    id: "process/failed-configure-opens-nothing",
    title: "Cache calls still fail after a ConfigureProvider that failed.",
    section: "3",
    level: "ours",
    reason: "The provider must not serve with an incomplete configuration.",
    needs: "process",
    async run({ start, connect, config, key }) {
      const { cache, lifecycle } = connect(await start());
      const wrong = { config: { ...config, maxBytes: -1 } };
      await checkRefused(configureAccepted(lifecycle, wrong), "INVALID_ARGUMENT");
      await checkRefused(cache.get(key()), "FAILED_PRECONDITION");
    },
  },
  {
    id: "process/launch-record-as-config",
    title: "ConfigureProvider treats the host's own launch record as an empty configuration.",
    section: "4",
    level: "recommended",
    reason:
      "Hosts send the record for an entry without config, and a provider that refuses it does not start.",
    needs: "process",
    async run({ start, connect, config, key }) {
      if (Object.keys(config).length > 0)
        throw new CaseSkipped("the provider needs a configuration");
      const { cache, lifecycle } = connect(await start());
      for (const record of HOST_LAUNCH_RECORDS) {
        try {
          await configureAccepted(lifecycle, { name: "cache", config: record });
        } catch (error) {
          if (!(error instanceof CallFailed)) throw error;
          fail(`OK for the launch record ${JSON.stringify(record)}`, error.message);
        }
      }
      const k = key();
      await cache.set(k, bytes("v"));
      await checkStored(cache, k, bytes("v"));
    },
  },
];

/**
 * Checks a start that only hosts of one generation make.
 *
 * @throws CaseSkipped when the provider accepts no protocol version of such hosts
 */
async function checkServesGeneration(
  context: ProcessContext,
  generation: HostGeneration,
  start: HostStart,
): Promise<void> {
  const { lifecycle } = context.connect(await context.start());
  if (!(await acceptedGenerations(lifecycle)).has(generation)) {
    throw new CaseSkipped(
      "the provider accepts none of the protocol versions of the hosts that set this variable",
    );
  }
  await checkServes(context, start);
}

/** Started this way, the provider must go through the host's steps and hold a value. */
async function checkServes(context: ProcessContext, start: HostStart): Promise<void> {
  const { cache } = await context.startConfigured(start);
  const k = context.key();
  await cache.set(k, bytes("v"));
  await checkStored(cache, k, bytes("v"));
}

function* sevenCalls(cache: CacheUnderTest, key: string): Generator<Promise<unknown>> {
  yield cache.get(key);
  yield cache.getMany([key]);
  yield cache.set(key, bytes("v"));
  yield cache.setMany([{ key, value: bytes("v") }]);
  yield cache.delete(key);
  yield cache.deleteMany([key]);
  yield cache.touch(key);
}
