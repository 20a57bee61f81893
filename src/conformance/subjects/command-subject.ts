import net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { ProcessContext, ProviderConfig, WireContext } from "../case-context.js";
import { CaseTime, realTicker } from "../case-time.js";
import { createCacheClient } from "../grpc/cache-client.js";
import { GrpcChannel } from "../grpc/grpc-channel.js";
import { configureAsHost } from "../process/configure-as-host.js";
import {
  showExit,
  type ProviderCommand,
  type RunningProvider,
} from "../process/running-provider.js";
import { describeStart, startProvider } from "../process/start-provider.js";
import type { CaseWorkspace, ConformanceSubject, SubjectSettings } from "../subject.js";
import { configureForRun } from "./configure-for-run.js";
import { SharedProvider } from "./shared-provider.js";
import { createWireContext } from "./wire-context.js";

/** How long after a broken connection the end of its process may become known. */
const EXIT_NOTICE_MS = 100;

/** A command that starts a provider, as the host would start it. */
export function commandSubject(command: ProviderCommand): ConformanceSubject {
  return {
    description: [command.command, ...command.args].join(" "),
    open: async (settings) => {
      const shared = new SharedProvider(async () => {
        const provider = await startProvider(command, {}, settings);
        try {
          await configureForRun(channelOf(provider, settings), settings);
          return provider;
        } catch (error) {
          await provider.end();
          throw error;
        }
      });
      // What keeps this one from starting would fail every case that starts its own.
      await shared.running();
      const offer = async (workspace: CaseWorkspace): Promise<WireContext> =>
        wireContextOf(await shared.running(), settings, workspace);
      return {
        exact: false,
        offers: {
          cache: offer,
          wire: offer,
          lifecycle: offer,
          own: (workspace) => ({
            configured: async (options) => {
              const config = { ...settings.config, ...options };
              return startConfigured(command, {}, config, settings, workspace);
            },
          }),
          process: (workspace) => createProcessContext(command, settings, workspace),
        },
        diagnose: async () => {
          await sleep(EXIT_NOTICE_MS);
          const crash = shared.takeCrash();
          return crash && `the provider exited (${showExit(crash.exit)}; ${crash.output.tail()})`;
        },
        close: async () => {
          try {
            // Started again when the last case made it exit: others may use the backend.
            const channel = channelOf(await shared.running(), settings);
            await settings.keys.removeAll(createCacheClient(channel));
          } catch {
            // What cannot be removed stays; the report is about the cases.
          } finally {
            await shared.end();
          }
        },
      };
    },
  };
}

function createProcessContext(
  command: ProviderCommand,
  settings: SubjectSettings,
  workspace: CaseWorkspace,
): ProcessContext {
  const { transcript, keys } = workspace;
  return {
    transcript,
    time: new CaseTime(realTicker(workspace.signal), settings.ttlUnitMs),
    config: settings.config,
    key: (tail) => keys.next(tail),
    start: async (start = {}) => {
      transcript.note(`(started the command${describeStart(start)})`);
      const provider = await startProvider(command, start, settings);
      workspace.defer(() => provider.end());
      return provider;
    },
    connect: (provider) => wireContextOf(provider, settings, workspace),
    startConfigured: (start = {}) =>
      startConfigured(command, start, settings.config, settings, workspace),
  };
}

async function startConfigured(
  command: ProviderCommand,
  start: Parameters<ProcessContext["start"]>[0] & object,
  config: ProviderConfig,
  settings: SubjectSettings,
  workspace: CaseWorkspace,
): ReturnType<ProcessContext["startConfigured"]> {
  const provider = await createProcessContext(command, settings, workspace).start(start);
  const context = wireContextOf(provider, settings, workspace);
  await configureAsHost(context.lifecycle, config);
  return { ...context, provider };
}

function wireContextOf(
  provider: RunningProvider,
  settings: SubjectSettings,
  workspace: CaseWorkspace,
): WireContext {
  const options = { ...channelOptionsOf(provider, settings), ...settings, shared: true };
  return createWireContext(channelOf(provider, settings), options, workspace);
}

function channelOf(provider: RunningProvider, settings: SubjectSettings): GrpcChannel {
  return (provider.channel ??= new GrpcChannel(channelOptionsOf(provider, settings)));
}

function channelOptionsOf(
  provider: RunningProvider,
  { callTimeoutMs }: SubjectSettings,
): { readonly connect: () => net.Socket; readonly timeoutMs: number } {
  return { connect: () => net.connect({ path: provider.socketPath }), timeoutMs: callTimeoutMs };
}
