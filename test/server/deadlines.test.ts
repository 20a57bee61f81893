import { describe, expect, test, vi } from "vitest";
import { parseGrpcTimeout } from "../../src/server/grpc/grpc-timeout.js";
import { startLongTimeout } from "../../src/server/limits/long-timeout.js";
import { createMapProvider } from "../support/map-provider.js";
import { exchange, frame, grpcHeaders, grpcStatus, openSession } from "../support/raw-http2.js";
import { serveEndpoint } from "../support/serve-endpoint.js";
import { until } from "../support/child-process.js";

const GET = "/gestalt.provider.v1.Cache/Get";
const request = frame(Buffer.from("0a016b", "hex"));
const never = new Promise<undefined>(() => {});

test.each([
  ["0n", 0],
  ["1n", 1e-6],
  ["1u", 1e-3],
  ["1m", 1],
  ["00000010S", 10_000],
  ["1M", 60_000],
  ["99999999H", 99_999_999 * 3_600_000],
])("the timeout %s is %d ms", (text, ms) => {
  expect(parseGrpcTimeout(text)).toBe(ms);
});

test.each(["", "1", "m", "1 m", " 1m", "1m\n", "-1m", "1.5S", "0x1S", "100000000S", "1s", "1h"])(
  "%j is not a valid timeout",
  (text) => {
    expect(parseGrpcTimeout(text)).toBeUndefined();
  },
);

test("a long timer waits for its whole delay", () => {
  vi.useFakeTimers();
  try {
    const expire = vi.fn();
    const cancelled = vi.fn();
    const yearMs = 365 * 86_400_000;
    startLongTimeout(yearMs, expire);
    startLongTimeout(yearMs, cancelled).cancel();
    vi.advanceTimersByTime(yearMs - 1);
    expect(expire).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(expire).toHaveBeenCalledOnce();
    expect(cancelled).not.toHaveBeenCalled();
  } finally {
    vi.useRealTimers();
  }
});

describe.each(["lean", "connect"] as const)("%s", (dispatcher) => {
  test("a call that passes its deadline is DEADLINE_EXCEEDED", async () => {
    const provider = createMapProvider({ get: () => never });
    const { path, context } = await serveEndpoint({ dispatcher, provider });
    const headers = grpcHeaders(GET, { "grpc-timeout": "20m" });
    const answer = await exchange(openSession(path), { headers, body: [request] });
    expect(grpcStatus(answer).code).toBe("4");
    expect(answer.resetCode).toBe(0);
    await until(() => context.calls.size === 0);
  });

  test("a call whose request does not arrive by the deadline is DEADLINE_EXCEEDED", async () => {
    const { path, context } = await serveEndpoint({ dispatcher, limits: { sweepIntervalMs: 5 } });
    const headers = grpcHeaders(GET, { "grpc-timeout": "20m" });
    const body = [request.subarray(0, 6)];
    const answer = await exchange(openSession(path), { headers, body, end: false });
    expect(grpcStatus(answer).code).toBe("4");
    await until(() => context.calls.size === 0 && context.budget.heldBytes === 0);
  });

  test.each(["25d", "30d", "11,415 years"])(
    "a call with a deadline of %s does not fail at once",
    async (length) => {
      const timeout = { "25d": "600H", "30d": "43200M", "11,415 years": "99999999H" }[length];
      let answerNow = (): void => {};
      const asked = new Promise<void>((resolve) => (answerNow = resolve));
      const provider = createMapProvider({
        get: async () => {
          await asked;
          return Buffer.from("late");
        },
      });
      const { path, context } = await serveEndpoint({ dispatcher, provider });
      const headers = grpcHeaders(GET, { "grpc-timeout": timeout });
      const answering = exchange(openSession(path), { headers, body: [request] });
      await until(() => context.calls.size === 1);
      setTimeout(answerNow, 30);
      expect(grpcStatus(await answering).code).toBe("0");
    },
  );
});

describe("Connect's own header", () => {
  const headers = {
    ":method": "POST",
    ":path": GET,
    "content-type": "application/json",
    "connect-protocol-version": "1",
  };
  const body = [Buffer.from("{}")];

  test("a passed deadline fails the call", async () => {
    const provider = createMapProvider({ get: () => never });
    const { path } = await serveEndpoint({ provider });
    const timed = { ...headers, "connect-timeout-ms": "20" };
    const answer = await exchange(openSession(path), { headers: timed, body });
    expect(answer.headers[":status"]).toBe("504");
    expect(answer.body.toString()).toContain("deadline_exceeded");
  });

  test("a deadline of 115 days does not fail at once", async () => {
    const provider = createMapProvider({
      get: () => new Promise((resolve) => setTimeout(() => resolve(Buffer.from("v")), 30)),
    });
    const { path } = await serveEndpoint({ provider });
    const timed = { ...headers, "connect-timeout-ms": "9999999999" };
    const answer = await exchange(openSession(path), { headers: timed, body });
    expect(answer.headers[":status"]).toBe("200");
  });

  test("an invalid timeout is refused", async () => {
    const { path } = await serveEndpoint();
    const timed = { ...headers, "connect-timeout-ms": "soon" };
    const answer = await exchange(openSession(path), { headers: timed, body });
    expect(answer.headers[":status"]).toBe("400");
  });
});

test("a call that completes at once sets no timer", async () => {
  const setTimer = vi.spyOn(globalThis, "setTimeout");
  const { path } = await serveEndpoint();
  const session = openSession(path);
  await exchange(session, { headers: grpcHeaders(GET), body: [request] });
  const before = setTimer.mock.calls.length;
  const timed = grpcHeaders(GET, { "grpc-timeout": "30S" });
  await exchange(session, { headers: timed, body: [request] });
  expect(setTimer.mock.calls.length).toBe(before);
  setTimer.mockRestore();
});
