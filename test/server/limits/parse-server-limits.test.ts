import { describe, expect, test } from "vitest";
import { createMapProvider } from "../../support/map-provider.js";
import { tempSocketPath } from "../../support/temp-directory.js";
import { serveCacheProvider } from "../../../src/host/serve-cache-provider.js";
import { startProviderServer } from "../../../src/server/provider-server.js";
import { parseServerLimits } from "../../../src/server/limits/parse-server-limits.js";
import {
  DEFAULT_SERVER_LIMITS,
  type ServerLimits,
} from "../../../src/server/limits/server-limits.js";

const parse = (limits: Record<string, unknown>): ServerLimits => parseServerLimits(limits);

test("an absent and an undefined limit have their defaults", () => {
  expect(parseServerLimits()).toEqual(DEFAULT_SERVER_LIMITS);
  expect(parse({ maxConnections: undefined })).toEqual(DEFAULT_SERVER_LIMITS);
  expect(parse({ maxConnections: 7 })).toEqual({ ...DEFAULT_SERVER_LIMITS, maxConnections: 7 });
});

test.each([
  ["muteMs", "handshakeTimeoutMs"],
  ["idleMs", "maxConnectionIdleMs"],
  ["quietMs", "keepaliveIntervalMs"],
  ["signOfLifeMs", "keepaliveTimeoutMs"],
  ["connectionReplyBytes", "maxUnreadReplyBytes"],
  ["maxCalls", "maxConcurrentCalls"],
  ["stalledMs", "readStallTimeoutMs"],
  ["untakenMs", "writeStallTimeoutMs"],
  ["sweepMs", "sweepIntervalMs"],
  ["drainMs", "drainTimeoutMs"],
])("the error for %s names %s", (before, now) => {
  expect(() => parse({ [before]: 1 })).toThrow(`limits: "${before}" is now called ${now}`);
  expect(DEFAULT_SERVER_LIMITS).toHaveProperty(now);
});

test("the error for an unknown name suggests the nearest name", () => {
  expect(() => parse({ maxConections: 1 })).toThrow(
    'limits: "maxConections" is not a limit; did you mean maxConnections?',
  );
  expect(() => parse({ colour: 1 })).toThrow(/"colour" is not a limit; the limits are maxConn/);
});

test.each([[-1], [NaN], ["1s"], [null]])("a limit of %j is refused", (value) => {
  expect(() => parse({ drainTimeoutMs: value })).toThrow("drainTimeoutMs must be a number >= 0");
});

describe("public options", () => {
  const limits = { drainMs: 1 } as Partial<ServerLimits>;
  const problem = {
    code: "invalid_argument",
    message: 'limits: "drainMs" is now called drainTimeoutMs',
  };

  test("startProviderServer refuses an earlier name", async () => {
    const starting = startProviderServer(
      { routes: [], limits },
      { kind: "unix", path: tempSocketPath() },
    );
    await expect(starting).rejects.toMatchObject(problem);
  });

  test("serveCacheProvider refuses an earlier name", async () => {
    const env = { GESTALT_PROVIDER_SOCKET: tempSocketPath() };
    const serving = serveCacheProvider(createMapProvider(), { env, limits });
    await expect(serving).rejects.toMatchObject(problem);
  });
});
