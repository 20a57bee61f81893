import type { CacheProvider } from "../../src/contract/cache-provider.js";

/**
 * The servers that are compared. The first three are this package as the host starts it, the
 * others carry its lru store, but for grpc-go, which has a map.
 */
export const CONTESTANTS = [
  "node",
  "blocks",
  "executable",
  "connect",
  "grpc-js",
  "grpc-go",
  "floor",
  "frames",
] as const;

/** One of {@link CONTESTANTS}. */
export type Contestant = (typeof CONTESTANTS)[number];

/** What each contestant is, for the report. */
export const CONTESTANT_TITLES: Readonly<Record<Contestant, string>> = {
  node: "this provider, Node",
  blocks: "this provider, Node, store blocks",
  executable: "this provider, executable",
  connect: "Connect's Node adapter",
  "grpc-js": "@grpc/grpc-js server",
  "grpc-go": "grpc-go server with a map",
  floor: "bare node:http2 (the floor)",
  frames: "experiment: HTTP/2 by frames",
};

/** Serves a provider on a Unix socket. Settles when it accepts; it serves until the process ends. */
export type StartContestant = (provider: CacheProvider, socketPath: string) => Promise<void>;
