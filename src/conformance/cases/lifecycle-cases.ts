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
    title: "GetProviderIdentity returns the kind cache.",
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
    title:
      "The range of protocol versions in the identity, if any, includes a version from 2 to 5.",
    section: "4",
    level: "required",
    reason: "The host refuses a provider whose range does not include its version.",
    needs: "lifecycle",
    async run({ lifecycle }) {
      const identity = await lifecycle.identity();
      if (versionsInRange(identity).length > 0) return;
      const { minProtocolVersion: min, maxProtocolVersion: max } = identity;
      fail("a range that includes one of the versions 2 to 5", `versions ${min} to ${max}`);
    },
  },
  {
    id: "lifecycle/echoes-version",
    title: "ConfigureProvider returns the protocol version of the request.",
    section: "4",
    level: "required",
    reason: "The host refuses a provider that returns another version.",
    needs: "lifecycle",
    async run({ lifecycle, configured }) {
      const { sent, echoed } = await configureAsHost(lifecycle, configured.config);
      checkEqual("protocol version", echoed, sent);
    },
  },
  {
    id: "lifecycle/health-check",
    title: "HealthCheck of a configured provider returns ready.",
    section: "4",
    level: "required",
    reason: "A host may call it before it sends traffic.",
    needs: "lifecycle",
    async run({ lifecycle }) {
      const { ready, message } = await lifecycle.health();
      if (!ready) fail("ready", `not ready: ${message}`);
    },
  },
  {
    id: "lifecycle/start-provider",
    title: "StartProvider of a configured provider returns the negotiated protocol version.",
    section: "4",
    level: "recommended",
    reason: "A host that calls StartProvider checks the version again.",
    needs: "lifecycle",
    async run({ lifecycle, configured }) {
      const { sent } = await configureAsHost(lifecycle, configured.config);
      checkEqual("protocol version", await lifecycle.start(), sent);
    },
  },
  {
    id: "lifecycle/configured-name",
    title: "The identity has the configured name after ConfigureProvider.",
    section: "4",
    level: "ours",
    reason: "Operators look for the provider under its configured name.",
    needs: "lifecycle",
    async run({ lifecycle, configured }) {
      await configureAsHost(lifecycle, configured.config);
      checkEqual("name", (await lifecycle.identity()).name, configured.name);
    },
  },
  {
    id: "lifecycle/versions-2-to-5",
    title: "ConfigureProvider accepts and returns every protocol version from 2 to 5.",
    section: "4",
    level: "ours",
    reason: "The messages are the same in all of them, so one provider can serve every host.",
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
    title:
      "ConfigureProvider with another protocol version fails with FAILED_PRECONDITION and names the version and the supported range.",
    section: "4",
    level: "ours",
    reason: "The operator needs to know whether to update the host or the provider.",
    needs: "lifecycle",
    async run(context) {
      await checkVersionRefused(context, 1);
      await checkVersionRefused(context, 6);
    },
  },
  {
    id: "lifecycle/configure-again",
    title: "A second ConfigureProvider keeps the entries that still fit.",
    section: "4",
    level: "ours",
    reason: "A host that reconnects configures the provider again, which must not empty the cache.",
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
    title:
      "ConfigureProvider with an unknown option fails with INVALID_ARGUMENT and suggests the nearest known one.",
    section: "6",
    level: "ours",
    reason: "A misspelled limit would have no effect.",
    needs: "lifecycle",
    async run(context) {
      await checkConfigRefused(context, { maxByte: 1 }, /maxByte\b.*maxBytes/s);
    },
  },
  {
    id: "lifecycle/problems-by-path",
    title:
      "ConfigureProvider with a wrong configuration fails with INVALID_ARGUMENT and lists every problem with its path.",
    section: "6",
    level: "ours",
    reason: "An operator who sees one problem at a time needs many attempts.",
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
      meaning: `a message that names version ${protocolVersion} and the range 2 to 5`,
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
    meaning: `a message that matches ${String(matching)}`,
  });
}
