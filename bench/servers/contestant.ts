import type { CacheProvider } from "../../src/contract/cache-provider.js";

/** The servers that are compared; all carry the same store. */
export const CONTESTANTS = ["lean", "connect", "grpc-js", "floor"] as const;

/** One of {@link CONTESTANTS}. */
export type Contestant = (typeof CONTESTANTS)[number];

/** What each contestant is, for the report. */
export const CONTESTANT_TITLES: Readonly<Record<Contestant, string>> = {
  lean: "this server",
  connect: "Connect's Node adapter",
  "grpc-js": "@grpc/grpc-js server",
  floor: "bare node:http2 (the floor)",
};

/** Serves a provider on a Unix socket; settled when it accepts. It serves until the process ends. */
export type StartContestant = (provider: CacheProvider, socketPath: string) => Promise<void>;
