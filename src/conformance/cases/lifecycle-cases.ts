import { ProviderKind } from "../../rpc/gen/gestalt/provider/v1/lifecycle_pb.js";
import type { WireContext } from "../case-context.js";
import { checkEqual, checkRefused, checkStored, fail } from "../check.js";
import type { ConformanceCase } from "../conformance-case.js";
import {
  configureAccepted,
  configureAsHost,
  HOST_PROTOCOL_VERSIONS,
  versionsInRange,
} from "../process/configure-as-host.js";
import { bytes } from "./sample-bytes.js";

export const lifecycleCases: readonly ConformanceCase[] = [
  {
    id: "lifecycle/kind-is-cache",
    title: "GetProviderIdentity answers the kind cache.",
    section: "4",
    level: "required",
    reason: "The host refuses to start a provider of another kind.",
    needs: "lifecycle",
    async run({ lifecycle }) {
      const { kind } = await lifecycle.identity();
      if (kind === ProviderKind.CACHE) return;
      fail(`kind CACHE (${ProviderKind.CACHE})`, `kind number ${kind}`);
    },
  },
  {
    id: "lifecycle/version-range",
    title: "Where identity names protocol versions, a host's version lies within.",
    section: "4",
    level: "required",
    reason: "The host refuses a provider whose range its own version is outside of.",
    needs: "lifecycle",
    async run({ lifecycle }) {
      const identity = await lifecycle.identity();
      if (versionsInRange(identity).length > 0) return;
      const { minProtocolVersion: min, maxProtocolVersion: max } = identity;
      fail("a range with one of the versions 2 to 5", `versions ${min} to ${max}`);
    },
  },
  {
    id: "lifecycle/echoes-version",
    title: "ConfigureProvider answers the protocol version that was sent.",
    section: "4",
    level: "required",
    reason: "The host refuses a provider that answers another.",
    needs: "lifecycle",
    async run({ lifecycle, configured }) {
      const { sent, echoed } = await configureAsHost(lifecycle, configured.config);
      checkEqual("protocol version", echoed, sent);
    },
  },
  {
    id: "lifecycle/health-check",
    title: "HealthCheck of a configured provider answers ready.",
    section: "4",
    level: "required",
    reason: "Hosts may ask before they send traffic.",
    needs: "lifecycle",
    async run({ lifecycle }) {
      const { ready, message } = await lifecycle.health();
      if (!ready) fail("ready", `not ready: ${message}`);
    },
  },
  {
    id: "lifecycle/start-provider",
    title: "StartProvider of a configured provider answers the agreed protocol version.",
    section: "4",
    level: "recommended",
    reason: "Hosts that start providers explicitly check the version once more.",
    needs: "lifecycle",
    async run({ lifecycle, configured }) {
      const { sent } = await configureAsHost(lifecycle, configured.config);
      checkEqual("protocol version", await lifecycle.start(), sent);
    },
  },
  {
    id: "lifecycle/configured-name",
    title: "After ConfigureProvider the identity's name is the configured one.",
    section: "4",
    level: "ours",
    reason: "The operator finds the provider under the name that the configuration gives it.",
    needs: "lifecycle",
    async run({ lifecycle, configured }) {
      await configureAsHost(lifecycle, configured.config);
      checkEqual("name", (await lifecycle.identity()).name, configured.name);
    },
  },
  {
    id: "lifecycle/versions-2-to-5",
    title: "Every protocol version from 2 to 5 is accepted and echoed.",
    section: "4",
    level: "ours",
    reason: "The wire is the same for all of them; one provider serves hosts of every age.",
    needs: "lifecycle",
    async run({ lifecycle, configured }) {
      // The newest comes last, and is what the other cases go on with.
      for (const protocolVersion of HOST_PROTOCOL_VERSIONS.toReversed()) {
        const echoed = await lifecycle.configure({ ...configured, protocolVersion });
        checkEqual("protocol version", echoed, protocolVersion);
      }
    },
  },
  {
    id: "lifecycle/other-versions-refused",
    title: "Other protocol versions are FAILED_PRECONDITION, with a message that names both sides.",
    section: "4",
    level: "ours",
    reason: "The operator must see which of the two is to be updated.",
    needs: "lifecycle",
    async run(context) {
      await checkVersionRefused(context, 1);
      await checkVersionRefused(context, 6);
    },
  },
  {
    id: "lifecycle/configure-again",
    title: "ConfigureProvider may come again: what still fits stays.",
    section: "4",
    level: "ours",
    reason: "A host that reconnects configures again; that must not empty the cache.",
    needs: "lifecycle",
    async run({ lifecycle, configured, cache, key }) {
      const k = key();
      await cache.set(k, bytes("v"));
      await configureAsHost(lifecycle, configured.config);
      await checkStored(cache, k, bytes("v"));
    },
  },
  {
    id: "lifecycle/unknown-option-refused",
    title: "An unknown option is INVALID_ARGUMENT, with the nearest known one.",
    section: "6",
    level: "ours",
    reason: "A mistyped limit would be no limit.",
    needs: "lifecycle",
    async run(context) {
      await checkConfigRefused(context, { maxByte: 1 }, /maxByte\b.*maxBytes/s);
    },
  },
  {
    id: "lifecycle/problems-by-path",
    title: "A wrong configuration is INVALID_ARGUMENT, with every problem by its path.",
    section: "6",
    level: "ours",
    reason: "One problem an attempt is an afternoon of attempts.",
    needs: "lifecycle",
    async run(context) {
      const options = { maxBytes: -1, maxEntries: "many" };
      await checkConfigRefused(context, options, /maxBytes.*maxEntries/s);
    },
  },
];

async function checkVersionRefused(context: WireContext, protocolVersion: number): Promise<void> {
  const { lifecycle, configured } = context;
  await checkRefused(
    lifecycle.configure({ ...configured, protocolVersion }),
    "FAILED_PRECONDITION",
    {
      matching: new RegExp(`\\b${protocolVersion}\\b.*\\b2\\b.*\\b5\\b`, "s"),
      meaning: `a message that names version ${protocolVersion} and the range from 2 to 5`,
    },
  );
}

async function checkConfigRefused(
  { lifecycle, configured }: WireContext,
  options: Record<string, unknown>,
  matching: RegExp,
): Promise<void> {
  const config = { ...configured.config, ...options };
  const call = configureAccepted(lifecycle, { name: configured.name, config });
  await checkRefused(call, "INVALID_ARGUMENT", {
    matching,
    meaning: `a message that fits ${String(matching)}`,
  });
}
