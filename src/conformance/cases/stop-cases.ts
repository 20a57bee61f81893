import { create, toBinary } from "@bufbuild/protobuf";
import { spawn } from "node:child_process";
import { lstatSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Cache, CacheSetRequestSchema } from "../../rpc/gen/gestalt/provider/v1/cache_pb.js";
import { checkEqual, checkStored, fail } from "../check.js";
import type { ConformanceCase } from "../conformance-case.js";
import { frameMessage } from "../grpc/grpc-frame.js";
import { methodPath } from "../grpc/grpc-request.js";
import { printedFormOf } from "../process/printed-form.js";
import { showExit, type ProviderExit, type RunningProvider } from "../process/running-provider.js";
import { bytes, variedBytes } from "./sample-bytes.js";

/** How long after SIGTERM the host kills. */
const HOST_PATIENCE_MS = 2000;

/** How long a provider may outlive its host. */
const ORPHAN_MS = 3000;

/** How long a provider without clients is watched for ending by itself. */
const DISCONNECTED_MS = 300;

/** How long a provider is watched for ending while its host lives; they look every 500 ms or so. */
const WATCHED_MS = 1200;

/** How long a signal takes to reach a provider, at most. */
const SIGNAL_MS = 50;

export const stopCases: readonly ConformanceCase[] = [
  {
    id: "process/survives-disconnect",
    title: "The provider keeps running, with its entries, when the last connection closes.",
    section: "4",
    level: "required",
    reason: "The host closes idle connections after 30 minutes and connects again later.",
    needs: "process",
    async run({ startConfigured, connect, key, transcript }) {
      const { provider, cache } = await startConfigured();
      const k = key();
      await cache.set(k, bytes("v"));
      provider.channel?.close();
      provider.channel = undefined;
      transcript.note("(closed the only connection)");
      await Promise.race([sleep(DISCONNECTED_MS), provider.exit]);
      if (provider.exited) fail("a provider that keeps running", showExit(provider.exited));
      await checkStored(connect(provider).cache, k, bytes("v"));
    },
  },
  {
    id: "process/sigterm-ends",
    title: "The provider exits within 2 seconds of SIGTERM, even with an idle connection.",
    section: "4",
    level: "required",
    reason: "The host sends SIGKILL after 2 seconds, and a killed provider cannot clean up.",
    needs: "process",
    async run({ startConfigured }) {
      const { provider } = await startConfigured();
      await endBySignal(provider, "SIGTERM");
    },
  },
  {
    id: "process/sigterm-exit-code",
    title: "The provider exits with code 0 after SIGTERM.",
    section: "4",
    level: "recommended",
    reason: "Supervisors report any other exit code as a crash.",
    needs: "process",
    async run({ startConfigured }) {
      const { provider } = await startConfigured();
      const exit = await endBySignal(provider, "SIGTERM");
      if (exit.code !== 0) fail("exit code 0", showExit(exit));
    },
  },
  {
    id: "process/sigterm-removes-socket",
    title: "The provider removes its socket file after SIGTERM.",
    section: "4",
    level: "recommended",
    reason: "A client cannot distinguish a leftover socket file from a provider that hangs.",
    needs: "process",
    async run({ startConfigured }) {
      const { provider } = await startConfigured();
      await endBySignal(provider, "SIGTERM");
      if (socketMode(provider) !== undefined) fail("no file at the path of the socket", "a file");
    },
  },
  {
    id: "process/sigterm-finishes-calls",
    title: "The provider completes the calls that are in flight at SIGTERM.",
    section: "4",
    level: "recommended",
    reason: "Otherwise a plugin's last write fails at every restart.",
    needs: "process",
    async run({ startConfigured, key, transcript }) {
      const { provider, channel } = await startConfigured();
      const request = create(CacheSetRequestSchema, { key: key(), value: variedBytes(100_000) });
      const frame = frameMessage(toBinary(CacheSetRequestSchema, request));
      const half = frame.byteLength / 2;
      const call = await channel.open(methodPath(Cache.method.set));
      await call.send(frame.subarray(0, half));
      // The provider has begun with the call for certain when it has answered a later one.
      await channel.call(methodPath(Cache.method.get), frameMessage(new Uint8Array()));
      provider.kill("SIGTERM");
      await sleep(SIGNAL_MS);
      void call.send(frame.subarray(half));
      call.end();
      transcript.note("(sent half of a Set, then SIGTERM, then the other half)");
      checkEqual("status", (await call.reply).status, "OK");
    },
  },
  {
    id: "process/sigint-ends",
    title: "The provider exits within 2 seconds of SIGINT.",
    section: "4",
    level: "required",
    reason: "Ctrl-C in the host's terminal sends SIGINT to the provider directly.",
    needs: "process",
    async run({ startConfigured }) {
      const { provider } = await startConfigured();
      await endBySignal(provider, "SIGINT");
    },
  },
  {
    id: "process/parent-death-ends",
    title: "The provider exits within 3 seconds after its host has ended.",
    section: "4",
    level: "required",
    reason:
      "The provider receives no signal when its host is killed, so providers without a host would accumulate.",
    needs: "process",
    async run({ start, transcript }) {
      const provider = await start({ underParent: true });
      provider.channel?.close();
      provider.kill("SIGKILL");
      transcript.note("(killed the provider's parent)");
      await orphanEnds(provider);
    },
  },
  {
    id: "process/host-pid-gone-ends",
    title: "The provider exits when the process that its environment names as the host has ended.",
    section: "4",
    level: "recommended",
    reason: "The parent is not the host under a launcher such as `bun run`.",
    needs: "process",
    async run({ start, transcript }) {
      const host = spawn("/bin/sh", ["-c", "read forever"], {
        stdio: ["pipe", "ignore", "ignore"],
      });
      try {
        const provider = await start({ parentPid: host.pid ?? 0 });
        await Promise.race([sleep(WATCHED_MS), provider.exit]);
        if (provider.exited) {
          fail("a provider that runs while its host runs", showExit(provider.exited));
        }
        host.kill("SIGKILL");
        transcript.note("(killed the process named as the host)");
        await orphanEnds(provider);
      } finally {
        host.kill("SIGKILL");
      }
    },
  },
  {
    id: "process/socket-is-private",
    title: "Only its owner can connect to the socket (mode 0600).",
    section: "4",
    level: "ours",
    reason: "A client that can connect can read every session.",
    needs: "process",
    async run({ start }) {
      const mode = socketMode(await start());
      checkEqual("mode", mode === undefined ? "none" : (mode & 0o777).toString(8), "600");
    },
  },
  {
    id: "process/prints-no-values",
    title: "The provider never prints cached values.",
    section: "3",
    level: "required",
    reason: "The host logs what a provider prints, and values may be sessions and tokens.",
    needs: "process",
    async run({ startConfigured, key }) {
      const { provider, cache } = await startConfigured();
      const secret = "conformance-secret-value";
      const k = key();
      await cache.set(k, bytes(secret));
      await cache.get(k);
      await cache.getMany([k]);
      await cache.set(k, bytes(secret), { seconds: -1n, nanos: 0 }).catch(() => undefined);
      await endBySignal(provider, "SIGTERM");
      await provider.allGone;
      const form = printedFormOf(secret, provider.output.text);
      if (form !== undefined) fail("output without the value", `output with the value ${form}`);
    },
  },
];

/** Signals the provider, whose idle connection stays open, and waits as long as the host would. */
async function endBySignal(
  provider: RunningProvider,
  signal: NodeJS.Signals,
): Promise<ProviderExit> {
  provider.kill(signal);
  return endWithin(
    provider.exit,
    HOST_PATIENCE_MS,
    `exit within ${HOST_PATIENCE_MS} ms of ${signal}`,
  );
}

async function orphanEnds(provider: RunningProvider): Promise<void> {
  await endWithin(
    provider.allGone,
    ORPHAN_MS,
    `exit within ${ORPHAN_MS} ms after the host has ended`,
  );
}

async function endWithin<T>(end: Promise<T>, timeoutMs: number, expected: string): Promise<T> {
  const stopWaiting = new AbortController();
  const timeout = sleep(timeoutMs, undefined, { signal: stopWaiting.signal }).then(() =>
    fail(expected, "a provider that is still running"),
  );
  try {
    return await Promise.race([end, timeout]);
  } finally {
    stopWaiting.abort();
    timeout.catch(() => undefined);
  }
}

function socketMode({ socketPath }: RunningProvider): number | undefined {
  return lstatSync(socketPath, { throwIfNoEntry: false })?.mode;
}
